import { availableParallelism, tmpdir } from 'node:os';
import { engineLayers } from '../flatten/engine-layer.ts';
import { type Limits, limitsWith } from '../flatten/limits.ts';
import type { ProgressListener } from '../flatten/progress.ts';
import { type FromThread, fromFailure } from '../flatten/thread-messages.ts';
import { Threads, threadScript } from '../flatten/threads.ts';
import type { Image } from '../image/image.ts';
import type { LayerUsage } from './measure-usage.ts';
import type { UsageWork } from './usage-thread.ts';

const usageThread = threadScript(import.meta.url, 'usage-thread');

/** Each may take a process of its own. */
const MOST_LANES = 4;

/** How `layerUsage` reads. */
export interface UsageOptions {
  /** As in `FlattenOptions`: indices, lowest precedence first; without it, all, oldest first. */
  readonly layers?: readonly number[];
  readonly limits?: Partial<Limits>;
  /** Where compressed layers are unpacked to, into files without a name; without it, the system's temporary folder. */
  readonly spoolFolder?: string;
  /** Its abort ends the work, which then throws its reason. */
  readonly signal?: AbortSignal;
  /** Called a few times a second at the most; must not throw. */
  readonly onProgress?: ProgressListener;
}

/**
 * What each of the chosen layers of an open image does to those below it, and how much of it is wasted, as flattening
 * them would find it; in a thread of its own, in the order of the layers. Compressed layers are unpacked and checked;
 * of others only the headers are read, their digests are not. The image stays open.
 *
 * Throws the layers' faults (`LAYER_INVALID`, `DIGEST_MISMATCH`, `LIMIT_EXCEEDED`, …), `NO_SPACE`, or the signal's
 * reason.
 */
export async function layerUsage(image: Image, options: UsageOptions = {}): Promise<readonly LayerUsage[]> {
  const { layers, limits, spoolFolder = tmpdir(), signal, onProgress } = options;
  signal?.throwIfAborted();
  const threads = new Threads();
  const onAbort = (): void => threads.stop(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const lanes = Math.min(availableParallelism(), MOST_LANES);
    const task = { layers: engineLayers(image, layers), limits: limitsWith(limits), spoolFolder, lanes };
    const work = { task, stop: threads.flag } satisfies UsageWork;
    return await threads.work<FromThread<readonly LayerUsage[]>, readonly LayerUsage[]>(
      usageThread,
      work,
      (message, thread) => {
        if (message.kind === 'progress') onProgress?.(message.progress);
        else if (message.kind === 'done') thread.resolve(message.outcome);
        else thread.reject(fromFailure(message.failure));
      },
    );
  } catch (error) {
    threads.throwIfStopped();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
