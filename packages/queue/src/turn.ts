import { keys } from './key-space.ts';
import { overRedis } from './redis-fault.ts';
import type { Redis } from './redis-options.ts';
import { repeat } from './repeated.ts';

export interface Duty {
  /** Names it among all that share the Redis. */
  readonly name: string;
  /** Milliseconds. */
  readonly interval: number;
  readonly redis: Redis;
  work(): Promise<void>;
  onFault(error: unknown): void;
}

/**
 * Has one process of all that share a Redis do its work every `interval`; a round that takes longer is waited for.
 * Returns what ends it, and resolves when nothing is being done any more.
 */
export function takeTurns({ name, interval, redis, work, onFault }: Duty): () => Promise<void> {
  const workInTurn = async (): Promise<void> => {
    // Never given back: it ends a little before the time for the next turn.
    const length = Math.ceil(interval * 0.9);
    const turn = await overRedis(() => redis.set(keys.turn(name), process.pid, 'PX', length, 'NX'));
    if (turn !== null) await work();
  };
  return repeat(interval, workInTurn, onFault).end;
}
