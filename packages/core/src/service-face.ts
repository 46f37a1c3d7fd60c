/** What the command and the service are built on besides the public face. It may change with any release. */
export { systemCode, systemWords, tlsWords, toDimgxError } from './errors.ts';
export { limitFault, limitNames } from './flatten/limits.ts';
export { patternFault } from './flatten/pattern.ts';
export { phases } from './flatten/progress.ts';
export { reopenedPipe } from './flatten/reopened-pipe.ts';
export { familiarName, familiarRepository, fullName, type ImageName } from './image/image-name.ts';
export { formatPlatform, parsePlatform } from './image/platform.ts';
export {
  type EngineImage,
  formatReference,
  type ImageChoice,
  type ImageReference,
} from './image/reference.ts';
export { parseLayerSpec } from './inspect/layer-spec.ts';
export { makeFolders } from './make-folders.ts';
export { isNetwork, NetworkRules } from './outbound/network-rules.ts';
export { type OutboundAnswer, OutboundClient, type OutboundPost } from './outbound/outbound-client.ts';
export { allowFileSource } from './source/allow-file-source.ts';
export { engineVersion } from './source/docker-daemon-version.ts';
export { checkTransport, parseReference, sourceFor } from './source/open-image.ts';
export type { Source, SourceOptions } from './source/source.ts';
export {
  type ArtifactName,
  artifactName,
  type FlattenChoices,
  keyFault,
  sidecarKey,
} from './store/artifact-key.ts';
export {
  type ArtifactPage,
  type ArtifactQuery,
  listArtifacts,
  type StoredArtifact,
} from './store/artifact-list.ts';
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
export { authorities, readPem } from './store/pem-file.ts';
export type { S3Settings } from './store/s3-settings.ts';
export { type ParsedSidecar, parseSidecar, type Sidecar } from './store/sidecar.ts';
export type {
  ArtifactStore,
  ByteRange,
  ListOptions,
  StoredObject,
  Upload,
  UploadOptions,
} from './store/store.ts';
