/** The public face, of which README.md tells. It changes by the rules of semantic versioning. */
export {
  type Algorithm,
  algorithms,
  type Compression,
  compressionOf,
  traits,
} from './compress/compression.ts';
export { DimgxError, type ErrorCode, errorCodes } from './errors.ts';
export { flattenImage } from './flatten/flatten-image.ts';
export type { EntryCounts, FlattenedTar, FlattenOutcome } from './flatten/flatten-result.ts';
export { defaultLimits, type LimitName, type Limits, limitBounds } from './flatten/limits.ts';
export type { FileTarget, FlattenOptions, Sink } from './flatten/options.ts';
export type { Phase, Progress, ProgressListener } from './flatten/progress.ts';
export type { ChainId, DiffId, Digest } from './image/digest.ts';
export type {
  ExecutionConfig,
  HistoryLine,
  Image,
  ImageDescription,
  LayerBlob,
  LayerDescription,
} from './image/image.ts';
export type { Platform } from './image/platform.ts';
export { type ChosenLayers, chooseLayers, type LayerWish } from './inspect/choose-layers.ts';
export {
  type HistoryReport,
  type ImageReport,
  imageReportSchema,
  type LayerReport,
} from './inspect/image-report.ts';
export { type InspectOptions, inspectImage } from './inspect/inspect-image.ts';
export { layerUsage, type UsageOptions } from './inspect/layer-usage.ts';
export type { LayerUsage } from './inspect/measure-usage.ts';
export * from './service-face.ts';
export { describeImage, type OpenOptions, openImage } from './source/open-image.ts';
export type { PullPolicy } from './source/source.ts';
export { dimgxVersion } from './version.ts';
