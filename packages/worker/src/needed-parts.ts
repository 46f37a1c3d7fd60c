import { type ArtifactStore, checkStore, DimgxError, type ErrorCode } from '@dimgx/core';
import type { WorkerOutage } from '@dimgx/queue';
import type { EngineWatch } from './engine-watch.ts';

/** Something that jobs need and that may be away. */
export interface NeededPart {
  readonly name: WorkerOutage['part'];
  /** Of the faults that its absence makes. */
  readonly codes: ReadonlySet<ErrorCode>;
  /** Whether its absence is news: what was never there keeps nobody waiting. */
  isExpected(): boolean;
  /** Throws what is wrong with it, if anything is. */
  check(): Promise<void>;
  /** Milliseconds that it is waited for. */
  readonly patience: number;
  /** To be told that it is not waited for any longer. */
  giveUp(): void;
}

const checkedWithin = 10_000;
/** A worker takes jobs that need no engine, too. */
const enginePatience = 10 * 60_000;

/** Without it no job of a flattening can be done, so it is waited for, however long that takes. */
export function storePart(store: ArtifactStore): NeededPart {
  return {
    name: 'store',
    // One that is full to the last byte is as good as away. That it lacks the room for one job, the check does not find.
    codes: new Set([
      ...(['STORE_UNREACHABLE', 'STORE_FAILED', 'STORE_DENIED', 'STORE_BUCKET_MISSING'] as const),
      'NO_SPACE',
    ]),
    isExpected: () => true,
    check: () => checkStore(store, checkedWithin),
    patience: Number.POSITIVE_INFINITY,
    giveUp() {},
  };
}

/** Only some jobs need it, and many workers have none. */
export function enginePart(engine: EngineWatch): NeededPart {
  return {
    name: 'engine',
    codes: new Set(['DOCKER_UNREACHABLE', 'DOCKER_FAILED']),
    isExpected: () => engine.isKnown,
    async check() {
      if ((await engine.ask()) !== undefined) return;
      throw new DimgxError('DOCKER_UNREACHABLE', 'the Docker engine of this worker does not answer');
    },
    patience: enginePatience,
    giveUp: () => engine.forget(),
  };
}
