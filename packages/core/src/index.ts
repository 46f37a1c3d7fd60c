export {
  type Algorithm,
  algorithms,
  type Compression,
  compressionOf,
  traits,
} from './compress/compression.ts';
export { DimgxError, type ErrorCode, errorCodes, systemCode, toDimgxError } from './errors.ts';
export { flattenImage } from './flatten/flatten-image.ts';
export type { EntryCounts, FlattenedTar, FlattenOutcome } from './flatten/flatten-result.ts';
export {
  defaultLimits,
  type LimitName,
  type Limits,
  limitBounds,
  limitFault,
  limitNames,
} from './flatten/limits.ts';
export type { FlattenOptions, Sink } from './flatten/options.ts';
export { type Phase, type Progress, type ProgressListener, phases } from './flatten/progress.ts';
export type { ChainId, DiffId, Digest } from './image/digest.ts';
export type {
  ExecutionConfig,
  HistoryLine,
  Image,
  ImageDescription,
  LayerBlob,
  LayerDescription,
} from './image/image.ts';
export { familiarName, familiarRepository, fullName, type ImageName } from './image/image-name.ts';
export { formatPlatform, type Platform, parsePlatform } from './image/platform.ts';
export {
  type EngineImage,
  formatReference,
  type ImageChoice,
  type ImageReference,
} from './image/reference.ts';
export { type ChosenLayers, chooseLayers, type LayerWish } from './inspect/choose-layers.ts';
export {
  type HistoryReport,
  type ImageReport,
  imageReportSchema,
  type LayerReport,
} from './inspect/image-report.ts';
export { type InspectOptions, inspectImage } from './inspect/inspect-image.ts';
export { parseLayerSpec } from './inspect/layer-spec.ts';
export { layerUsage, type UsageOptions } from './inspect/layer-usage.ts';
export type { LayerUsage } from './inspect/measure-usage.ts';
export { isNetwork, NetworkRules } from './outbound/network-rules.ts';
export {
  type OutboundAnswer,
  OutboundClient,
  type OutboundPost,
} from './outbound/outbound-client.ts';
export { allowFileSource } from './source/allow-file-source.ts';
export {
  describeImage,
  type OpenOptions,
  openImage,
  parseReference,
  sourceFor,
} from './source/open-image.ts';
export type { PullPolicy, Source, SourceOptions } from './source/source.ts';
export {
  type ArtifactName,
  artifactName,
  type FlattenChoices,
  keyFault,
  sidecarKey,
} from './store/artifact-key.ts';
export { type ArtifactLookup, findArtifact, saveArtifact } from './store/artifacts.ts';
export { checkStore } from './store/check-store.ts';
export { attachment } from './store/content-disposition.ts';
export {
  type FinishedFlatten,
  type FlattenReport,
  flattenReport,
  flattenReportSchema,
} from './store/flatten-report.ts';
export { openStore } from './store/open-store.ts';
export type { S3Settings } from './store/s3-settings.ts';
export { type ParsedSidecar, parseSidecar, type Sidecar } from './store/sidecar.ts';
export type { ArtifactStore, ByteRange, StoredObject, Upload, UploadOptions } from './store/store.ts';
export { dimgxVersion } from './version.ts';
