import { type ArtifactStore, sidecarKey } from '@dimgx/core';

const removeWithin = 30_000;

/** Removes an artifact, its sidecar first: without that, nobody takes it for one. Throws what the store does. */
export async function removeArtifact(store: ArtifactStore, key: string): Promise<void> {
  const signal = AbortSignal.timeout(removeWithin);
  await store.remove(sidecarKey(key), signal);
  await store.remove(key, signal);
}
