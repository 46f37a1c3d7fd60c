import { DimgxError } from '../errors.ts';
import type { Sink } from '../flatten/options.ts';
import { type ArtifactName, sidecarKey } from './artifact-key.ts';
import type { FlattenReport } from './flatten-report.ts';
import { formatSidecar, parseSidecar } from './sidecar.ts';
import type { ArtifactStore, UploadOptions } from './store.ts';

/** What a store has of some work. */
export type ArtifactLookup =
  /** The work is done: `report` is that of who did it, with `cached` set. */
  | { readonly state: 'found'; readonly report: FlattenReport }
  | { readonly state: 'absent' }
  /** Something lies there, but not this work's artifact; `reason` is for the log. */
  | { readonly state: 'unusable'; readonly reason: string };

/** Looks whether the store has the artifact of this work already, whole and with its sidecar. */
export async function findArtifact(
  store: ArtifactStore,
  { key, fingerprint }: ArtifactName,
  signal: AbortSignal,
): Promise<ArtifactLookup> {
  const bytes = await store.read(sidecarKey(key), signal);
  if (bytes === undefined) return { state: 'absent' };
  const parsed = parseSidecar(bytes);
  if ('fault' in parsed)
    return { state: 'unusable', reason: `the sidecar of ${key} is broken: ${parsed.fault}` };
  const { report, fingerprint: stored } = parsed.sidecar;
  if (stored !== fingerprint) return { state: 'unusable', reason: `${key} is the artifact of other work` };
  const size = (await store.head(key, signal))?.size;
  if (size !== report.artifact.size) {
    const reason = `${key} has ${size ?? 'no'} bytes, and ${report.artifact.size} by its sidecar`;
    return { state: 'unusable', reason };
  }
  return { state: 'found', report: { ...report, artifact: { ...report.artifact, key }, cached: true } };
}

/**
 * Stores what `flatten` writes to its sink, then the sidecar with the report it gives. Only with its sidecar is an
 * artifact found; one that is there under this key loses it before it is replaced. If anything fails or the signal
 * comes, nothing new is visible.
 */
export async function saveArtifact(
  store: ArtifactStore,
  { key, fingerprint }: ArtifactName,
  options: UploadOptions,
  flatten: (sink: Sink) => Promise<FlattenReport>,
): Promise<FlattenReport> {
  const report = await uploadArtifact(store, key, options, flatten);
  const sidecar = formatSidecar({ report, fingerprint });
  await store.write(sidecarKey(key), sidecar, { mediaType: 'application/json', signal: options.signal });
  return report;
}

async function uploadArtifact(
  store: ArtifactStore,
  key: string,
  options: UploadOptions,
  flatten: (sink: Sink) => Promise<FlattenReport>,
): Promise<FlattenReport> {
  const upload = await store.upload(key, options);
  let report: FlattenReport;
  try {
    report = await flatten({ kind: 'chunks', write: (chunk) => upload.write(chunk) });
    await removeSidecar(store, key, options.signal);
  } catch (error) {
    // What went wrong first is what the caller must know; what stays goes with the key's next upload.
    await upload.abort().catch(() => {});
    throw error;
  }
  const { size } = await upload.complete();
  if (size === report.artifact.size) return report;
  throw new DimgxError('INTERNAL', `${key} got ${size} bytes of the ${report.artifact.size} that were made`);
}

async function removeSidecar(store: ArtifactStore, key: string, signal: AbortSignal): Promise<void> {
  if ((await store.head(sidecarKey(key), signal)) !== undefined) await store.remove(sidecarKey(key), signal);
}
