import { DimgxError } from '../errors.ts';
import type { ArtifactStore } from './store.ts';

/** Throws what `check` throws, or `STORE_UNREACHABLE` if that has told nothing after so many milliseconds. */
export async function checkStore(store: ArtifactStore, within: number): Promise<void> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(
      new DimgxError('STORE_UNREACHABLE', `${store.location} does not answer within ${within} ms`),
    );
  }, within);
  try {
    await store.check(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
