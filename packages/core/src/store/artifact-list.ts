import type { ImageReference } from '../image/reference.ts';
import { isOfImage } from './artifact-image.ts';
import { keyOfSidecar, sidecarKey } from './artifact-key.ts';
import { repositoryFolder } from './repository.ts';
import { parseSidecar, type Sidecar } from './sidecar.ts';
import type { ArtifactStore, ListedObject } from './store.ts';

/** Objects that one page looks at: one request to S3. */
const mostLookedAt = 1000;
const readAtOnce = 16;

/** An artifact's sidecar, and when it came into the store. */
export interface StoredArtifact extends Sidecar {
  readonly storedAt: Date;
}

/** Which artifacts are asked for, and which page of them. */
export interface ArtifactQuery {
  /** Only what was made of this image; see `isOfImage`. */
  readonly image?: ImageReference | undefined;
  /** Only keys that begin so; unless given, those where artifacts of the image go by themselves. */
  readonly prefix?: string | undefined;
  /** Where the page before ended: its `next`. */
  readonly after?: string | undefined;
  /** At the most; a page may have fewer, even none, while others follow. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** Some of the artifacts that were asked for, in the order of keys. */
export interface ArtifactPage {
  readonly artifacts: readonly StoredArtifact[];
  /** Not there on the last page. */
  readonly next?: string | undefined;
}

/** What the store holds that is whole, by its sidecars, in the order of keys. Throws what the store does. */
export async function listArtifacts(store: ArtifactStore, query: ArtifactQuery): Promise<ArtifactPage> {
  const { image, prefix = image === undefined ? '' : repositoryFolder(image), after, limit, signal } = query;
  const objects = await store.list({ prefix, after, limit: mostLookedAt, signal });
  const artifacts: StoredArtifact[] = [];
  for await (const artifact of artifactsAmong(objects, store, signal)) {
    if (image !== undefined && !isOfImage(image, artifact.report.image)) continue;
    artifacts.push(artifact);
    if (artifacts.length === limit) return { artifacts, next: sidecarKey(artifact.report.artifact.key) };
  }
  return { artifacts, next: objects.length < mostLookedAt ? undefined : objects.at(-1)?.key };
}

async function* artifactsAmong(
  objects: readonly ListedObject[],
  store: ArtifactStore,
  signal: AbortSignal,
): AsyncGenerator<StoredArtifact> {
  const sidecars = objects.filter(({ key }) => keyOfSidecar(key) !== undefined);
  for (let at = 0; at < sidecars.length; at += readAtOnce) {
    const some = sidecars.slice(at, at + readAtOnce);
    const read = await Promise.all(some.map((sidecar) => readArtifact(store, sidecar, signal)));
    yield* read.filter((artifact) => artifact !== undefined);
  }
}

/** Undefined if it is gone meanwhile, or was not written by a dimgx that we know. */
async function readArtifact(
  store: ArtifactStore,
  { key: sidecar, storedAt }: ListedObject,
  signal: AbortSignal,
): Promise<StoredArtifact | undefined> {
  const bytes = await store.read(sidecar, signal);
  const parsed = bytes && parseSidecar(bytes);
  const key = keyOfSidecar(sidecar);
  if (parsed === undefined || 'fault' in parsed || key === undefined) return undefined;
  const { report, fingerprint } = parsed.sidecar;
  // Where it lies now, in case the store was moved.
  return { report: { ...report, artifact: { ...report.artifact, key } }, fingerprint, storedAt };
}
