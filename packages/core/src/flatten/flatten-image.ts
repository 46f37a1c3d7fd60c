import { availableParallelism, tmpdir } from 'node:os';
import { type Compression, compressionOf } from '../compress/compression.ts';
import { DimgxError, type ErrorCode } from '../errors.ts';
import type { Image } from '../image/image.ts';
import type { EngineTask } from './engine.ts';
import { type EngineLayer, engineLayers } from './engine-layer.ts';
import type { FlattenOutcome } from './flatten-result.ts';
import { limitsWith } from './limits.ts';
import type { FlattenOptions, Sink } from './options.ts';
import { patternFault } from './pattern.ts';
import {
  type EngineWork,
  type FromEngine,
  type FromThread,
  fromFailure,
  type VerifyWork,
} from './thread-messages.ts';
import { type Talk, Threads, threadScript } from './threads.ts';
import { storedClaims } from './verify.ts';

const engineThread = threadScript(import.meta.url, 'engine-thread');
const verifyThread = threadScript(import.meta.url, 'verify-thread');

/** More lanes than this win nothing over what hashing and copying in one thread can feed. */
const MOST_LANES = 4;

/** A damaged layer shows itself in many ways; that its digest is wrong says it best. */
const signsOfDamage: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'LAYER_INVALID',
  'LAYER_TRUNCATED',
  'WHITEOUT_INVALID',
  'HARDLINK_INVALID',
  'SYMLINK_LOOP',
  'COMPRESSION_INVALID',
  'LIMIT_EXCEEDED',
]);

/**
 * Flattens the chosen layers of an open image into one tar, in a thread of its own, while another digests the
 * layers: the result counts only when all digests are right. The image stays open, and so does a file sink.
 *
 * Throws `USAGE` (a level, a limit or a pattern that can't be), `LAYER_NOT_FOUND`, the layers' faults
 * (`DIGEST_MISMATCH`, `LAYER_INVALID`, `HARDLINK_INVALID`, …), `NO_SPACE`, `TARGET_UNWRITABLE`, what the sink's `write`
 * threw, or the signal's reason. The sink may have got bytes before.
 */
export async function flattenImage(
  image: Image,
  sink: Sink,
  options: FlattenOptions = {},
): Promise<FlattenOutcome> {
  const { signal } = options;
  signal?.throwIfAborted();
  const task = engineTask(image, options);
  const threads = new FlattenThreads(options);
  const onAbort = (): void => threads.stop(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await threads.settle(threads.flatten(task, sink, options), threads.verify(task.layers));
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

function engineTask(image: Image, options: FlattenOptions): EngineTask {
  const layers = engineLayers(image, options.layers);
  const { spoolFolder = tmpdir(), keepWhiteouts = false, include = [], exclude = [], dropEstargz } = options;
  for (const pattern of [...include, ...exclude]) {
    const fault = patternFault(pattern);
    if (fault !== undefined)
      throw new DimgxError('USAGE', `the pattern ${JSON.stringify(pattern.slice(0, 200))} ${fault}`);
  }
  return {
    ...{ layers, keepWhiteouts, spoolFolder },
    compression: compressionWith(options.compression),
    filter: { include, exclude, dropEstargz },
    limits: limitsWith(options.limits),
    lanes: Math.min(availableParallelism(), MOST_LANES),
  };
}

function compressionWith({ algorithm, level }: Compression = { algorithm: 'none' }): Compression {
  const compression = compressionOf(algorithm, level);
  if (compression !== undefined) return compression;
  throw new DimgxError('USAGE', `${algorithm} has no level ${level}`);
}

/** The two threads of one flattening. */
class FlattenThreads {
  readonly #threads: Threads;

  constructor({ background }: FlattenOptions) {
    this.#threads = new Threads({ background });
  }

  stop(reason: unknown): void {
    this.#threads.stop(reason);
  }

  flatten(task: EngineTask, sink: Sink, { onProgress }: FlattenOptions): Promise<FlattenOutcome> {
    const file = sink.kind === 'file' ? sink : undefined;
    const work = { task, file, stop: this.#threads.flag } satisfies EngineWork;
    let taken = Promise.resolve();
    return this.#threads.work<FromEngine, FlattenOutcome>(engineThread, work, (message, thread) => {
      switch (message.kind) {
        case 'progress':
          onProgress?.(message.progress);
          return;
        case 'chunk':
          if (sink.kind === 'chunks') taken = this.#passOn(taken, () => sink.write(message.bytes), thread);
          return;
        case 'done':
          thread.resolve(message.outcome);
          return;
        case 'failed':
          thread.reject(fromFailure(message.failure));
      }
    });
  }

  async verify(layers: readonly EngineLayer[]): Promise<void> {
    const claims = storedClaims(layers);
    if (claims.length === 0) return;
    const work = { claims, stop: this.#threads.flag } satisfies VerifyWork;
    await this.#threads.work<FromThread<void>, void>(verifyThread, work, (message, thread) => {
      if (message.kind === 'done') thread.resolve();
      else if (message.kind === 'failed') thread.reject(fromFailure(message.failure));
    });
  }

  /** Waits for both threads to end; a failure of one stops the other, but damage waits for the digests' verdict. */
  async settle(flattening: Promise<FlattenOutcome>, verifying: Promise<void>): Promise<FlattenOutcome> {
    flattening.catch((error: unknown) => {
      if (!(error instanceof DimgxError && signsOfDamage.has(error.code))) this.stop(error);
    });
    verifying.catch((error: unknown) => this.stop(error));
    const [flattened, verified] = await Promise.allSettled([flattening, verifying]);
    this.#threads.throwIfStopped();
    if (verified.status === 'rejected') throw verified.reason;
    if (flattened.status === 'rejected') throw flattened.reason;
    return flattened.value;
  }

  /** Several chunks are on their way from the thread; a sink gets one at a time, and none after it failed. Never rejects. */
  async #passOn(
    before: Promise<void>,
    write: () => Promise<void>,
    thread: Talk<FlattenOutcome>,
  ): Promise<void> {
    await before;
    if (this.#threads.isStopped) return;
    try {
      await write();
      thread.say('taken');
    } catch (error) {
      this.stop(error);
    }
  }
}
