export {
  type Algorithm,
  algorithms,
  type Compression,
  compressionOf,
  traits,
} from './compress/compression.ts';
export { DimgxError, type ErrorCode, errorCodes, systemCode, toDimgxError } from './errors.ts';
export type { EntryCounts, FlattenedTar, FlattenOutcome } from './flatten/flatten-result.ts';
export { defaultLimits, type Limits } from './flatten/limits.ts';
export type { FlattenOptions, Sink } from './flatten/options.ts';
export { type Phase, type Progress, type ProgressListener, phases } from './flatten/progress.ts';
export type { ChainId, DiffId, Digest } from './image/digest.ts';
export type { Image, ImageDescription, LayerDescription } from './image/image.ts';
export { formatPlatform, type Platform, parsePlatform } from './image/platform.ts';
export type { PullPolicy, Source, SourceOptions } from './source/source.ts';
export { keyFault } from './store/key.ts';
export type { ArtifactStore, ByteRange, StoredObject, Upload, UploadOptions } from './store/store.ts';
