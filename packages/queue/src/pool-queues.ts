import { type JobsOptions, Queue, type JobState as QueueState } from 'bullmq';
import type { Job } from './job-record.ts';
import type { Priority } from './job-request.ts';
import { keyPrefix, keys, queueName } from './key-space.ts';
import { overRedis } from './redis-fault.ts';
import type { Redis } from './redis-options.ts';
import { mostTurns } from './shares/turns.ts';

/** What a job in BullMQ carries: everything else stands in its record. */
export interface QueuedData {
  readonly id: string;
}

export interface RetryPolicy {
  /** How often a job is tried in all, if its failures are retryable. */
  readonly attempts: number;
  /** Before the second try; doubled before each further one. Half of it is by chance. */
  readonly backoffMilliseconds: number;
}

export const defaultRetryPolicy: RetryPolicy = { attempts: 3, backoffMilliseconds: 5000 };

/** Where a job stands in BullMQ; `unknown` if it is not there, as all finished ones. */
export type QueuePosition = QueueState | 'unknown';

/** BullMQ takes lower numbers first; none at all would pass every job with one. A job's turn, from 1 on, is added. */
const priorityNumbers: Record<Priority, number> = { high: 0, normal: mostTurns, low: 2 * mostTurns };

/** The BullMQ queues of all pools, over one connection, which stays its owner's. */
export class PoolQueues {
  readonly #redis: Redis;
  readonly #retry: RetryPolicy;
  readonly #queues = new Map<string, Queue<QueuedData>>();

  constructor(redis: Redis, retry: RetryPolicy) {
    this.#redis = redis;
    this.#retry = retry;
  }

  /** Puts a job into its pool's queue; no effect if it is there already. */
  async add(job: Job): Promise<void> {
    const { kind, id, request } = job;
    const [turn] = await this.#turnsOf([job]);
    await overRedis(() => this.#queueOf(request.pool).add(kind, { id }, this.#optionsOf(job, turn)));
  }

  /** Puts jobs into their pools' queues, those of one pool at once; Redis does nothing else meanwhile. */
  async addAll(jobs: readonly Job[]): Promise<void> {
    for (const [pool, same] of Map.groupBy(jobs, ({ request }) => request.pool)) {
      const found = await this.#turnsOf(same);
      const entries = same.map((job, at) => ({
        name: job.kind,
        data: { id: job.id },
        opts: this.#optionsOf(job, found[at]),
      }));
      await overRedis(() => this.#queueOf(pool).addBulk(entries));
    }
  }

  async position({ id, request }: Job): Promise<QueuePosition> {
    return overRedis(() => this.#queueOf(request.pool).getJobState(id));
  }

  /** Takes a job out of its pool's queue; no effect on one that a worker has, or that is not there. */
  async remove({ id, request }: Job): Promise<void> {
    await overRedis(() => this.#queueOf(request.pool).remove(id));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  /** The turns that their records say. */
  #turnsOf(jobs: readonly Job[]): Promise<(number | undefined)[]> {
    return overRedis(() =>
      Promise.all(
        jobs.map(async ({ id }) => {
          const turn = await this.#redis.hget(keys.job(id), 'turn');
          return turn === null ? undefined : Number(turn);
        }),
      ),
    );
  }

  #optionsOf({ id, request }: Job, turn = 1): JobsOptions {
    const { attempts, backoffMilliseconds: delay } = this.#retry;
    return {
      jobId: id,
      priority: priorityNumbers[request.priority] + turn,
      attempts,
      backoff: { type: 'exponential', delay, jitter: 0.5 },
      removeOnComplete: true,
      removeOnFail: true,
      // Stacks are for our log, not for whoever reads Redis.
      stackTraceLimit: 0,
    };
  }

  #queueOf(pool: string): Queue<QueuedData> {
    const known = this.#queues.get(pool);
    if (known !== undefined) return known;
    const queue = new Queue<QueuedData>(queueName(pool), {
      connection: this.#redis,
      prefix: keyPrefix,
      // Without these two a queue made while Redis is away would wait for it, and then never work.
      skipWaitingForReady: true,
      skipVersionCheck: true,
    });
    // Repeats what the connection's owner hears; without a listener it would be thrown.
    queue.on('error', () => {});
    this.#queues.set(pool, queue);
    return queue;
  }
}
