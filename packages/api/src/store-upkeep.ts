import { type ArtifactStore, sidecarKey } from '@dimgx/core';
import type { StoreUpkeep } from '@dimgx/queue';

const removeWithin = 30_000;

/** What is done to a store by the clock. Throws what the store does. */
export function storeUpkeep(store: ArtifactStore): StoreUpkeep {
  return {
    /** The sidecar first: without that, nobody takes it for an artifact. */
    async removeArtifact(key) {
      const signal = AbortSignal.timeout(removeWithin);
      await store.remove(sidecarKey(key), signal);
      await store.remove(key, signal);
    },
    discardUpload: ({ key, ticket }) => store.discard(key, ticket, AbortSignal.timeout(removeWithin)),
  };
}
