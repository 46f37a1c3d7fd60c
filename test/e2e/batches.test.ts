import { randomUUID } from 'node:crypto';
import { DimgxError } from '@dimgx/core';
import {
  type Batch,
  Batches,
  Callbacks,
  idempotencyOf,
  type Job,
  type JobQueue,
  type JobRecords,
  jobErrorOf,
  jobRequestSchema,
  type Redis,
} from '@dimgx/queue';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import type { RedisServer } from '../support/parts/redis.ts';
import { startReceiver } from '../support/service/callback-receiver.ts';
import { emptiedQueue, jobResult } from '../support/service/queue-fixture.ts';
import { quietLog as log } from '../support/service/service-fixture.ts';

const until = { timeout: 20_000, interval: 20 };
const noProgress = { phase: 'resolve', bytes: 0, entries: 0 } as const;
const error = jobErrorOf(new DimgxError('IMAGE_NOT_FOUND', 'no such image'));

needs('redis')('batches on a real Redis', () => {
  const fixture = emptiedQueue();
  let server: RedisServer;
  let redis: Redis;
  let queue: JobQueue;
  let records: JobRecords;
  const opened: { close(): Promise<unknown> }[] = [];

  beforeAll(() => {
    ({ server, redis, queue, records } = fixture);
  });
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });

  async function started(): Promise<Batches> {
    const batches = await Batches.start({ redis: server, queue, interval: 10, log });
    opened.push(batches);
    return batches;
  }

  const items = (count: number, more: object = {}) =>
    Array.from({ length: count }, (_, at) => ({
      request: jobRequestSchema.parse({ image: `docker-daemon:app:${at}`, ...more }),
    }));

  const jobsOf = async (batch: string): Promise<Pick<Job, 'id' | 'state' | 'request' | 'retryOf'>[]> => [
    ...(await queue.list({ batch }, 500)).jobs,
  ];

  /** Once all its jobs are made. */
  async function built(
    batches: Batches,
    count: number,
    more: object = {},
  ): Promise<{ id: string; jobs: string[] }> {
    const { batch } = await batches.submit(items(count), more);
    await vi.waitFor(async () => expect(await jobsOf(batch.id)).toHaveLength(count), until);
    return { id: batch.id, jobs: (await jobsOf(batch.id)).map(({ id }) => id).reverse() };
  }

  async function end(id: string, state: 'completed' | 'failed'): Promise<void> {
    await records.start(id, 'attempt', 'worker');
    const how =
      state === 'completed'
        ? ({ state, result: jobResult('app:1'), progress: noProgress } as const)
        : ({ state, error } as const);
    expect(await records.end(id, 'attempt', how)).toBe(true);
  }

  const standing = ({ state, counts, finishedAt }: Batch) => ({
    state,
    ...counts,
    isOver: finishedAt !== undefined,
  });
  const none = { queued: 0, active: 0, completed: 0, failed: 0, cancelled: 0 };

  test('a batch counts its jobs by state, and has finished with its last one', async () => {
    const batches = await started();
    const { id, jobs } = await built(batches, 4);
    const look = async () => standing(await batches.find(id));
    expect(await look()).toEqual({ state: 'running', ...none, queued: 4, isOver: false });
    const [first = '', second = '', third = '', fourth = ''] = jobs;
    await records.start(first, 'lost', 'worker');
    expect(await look()).toEqual({ state: 'running', ...none, queued: 3, active: 1, isOver: false });
    // Its worker was lost: another attempt begins.
    await end(first, 'completed');
    await records.start(second, 'a', 'worker');
    await records.end(second, 'a', { state: 'queued', error });
    await end(third, 'failed');
    expect(await look()).toEqual({
      state: 'running',
      ...none,
      queued: 2,
      completed: 1,
      failed: 1,
      isOver: false,
    });
    await queue.cancel(fourth);
    expect(await look()).toMatchObject({ state: 'running', queued: 1, cancelled: 1, isOver: false });
    await end(second, 'completed');
    expect(await look()).toEqual({
      state: 'finished',
      ...none,
      completed: 2,
      failed: 1,
      cancelled: 1,
      isOver: true,
    });
  });

  test('its jobs are those of its items, in their order, and stand in the queue', async () => {
    const batches = await started();
    const { batch } = await batches.submit(items(120));
    expect(standing(batch)).toEqual({ state: 'running', ...none, queued: 120, isOver: false });
    await vi.waitFor(
      async () => expect(await redis.zcard('{dimgx}:flatten-default:prioritized')).toBe(120),
      until,
    );
    const images = (await jobsOf(batch.id)).map(({ request }) => request.image).reverse();
    expect(images).toEqual(items(120).map(({ request }) => request.image));
    expect(await redis.keys('{dimgx}:batch-items:*')).toEqual([]);
    expect(await redis.zcard('{dimgx}:batches-due')).toBe(0);
  });

  test('several processes make the jobs of a batch once, also when the one that began is gone', async () => {
    const before = await started();
    const { batch } = await before.submit(items(400));
    await before.close();
    opened.length = 0;
    expect(standing(await (await started()).find(batch.id))).toMatchObject({ queued: 400 });
    await Promise.all([started(), started()]);
    await vi.waitFor(async () => expect(await redis.zcard('{dimgx}:batches-due')).toBe(0), until);
    const images = (await jobsOf(batch.id)).map(({ request }) => request.image);
    expect(new Set(images).size).toBe(400);
    expect(await redis.zcard('{dimgx}:jobs')).toBe(400);
  });

  test('what a process left that died before the batch was taken in goes by itself', async () => {
    const batches = await started();
    await redis.call('ACL', 'SETUSER', 'default', '-eval', '-evalsha');
    await expect(batches.submit(items(2))).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    await redis.call('ACL', 'SETUSER', 'default', '+@all');
    const [left = ''] = await redis.keys('{dimgx}:batch-items:*');
    expect(await redis.pttl(left)).toBeGreaterThan(0);
    expect(await redis.zcard('{dimgx}:batches')).toBe(0);
  });

  test('the same idempotency key is the same batch, and another request with it is refused', async () => {
    const batches = await started();
    const idempotency = idempotencyOf('someone', 'k', { images: ['a'] });
    const { batch, isNew } = await batches.submit(items(2), { idempotency });
    const again = await batches.submit(items(2), { idempotency });
    expect({ isNew, again: again.isNew, id: again.batch.id }).toEqual({
      isNew: true,
      again: false,
      id: batch.id,
    });
    const other = idempotencyOf('someone', 'k', { images: ['b'] });
    await expect(batches.submit(items(1), { idempotency: other })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
    });
    expect(await redis.zcard('{dimgx}:batches')).toBe(1);
    await vi.waitFor(async () => expect(await redis.keys('{dimgx}:batch-items:*')).toEqual([]), until);
  });

  test('cancelled, it ends the jobs that have not ended, those that are at work too', async () => {
    const batches = await started();
    const { id, jobs } = await built(batches, 130);
    const [first = '', second = ''] = jobs;
    await end(first, 'completed');
    await records.start(second, 'attempt', 'worker');
    const { batch, isNew } = await batches.cancel(id);
    expect({ isNew, state: batch.state }).toEqual({ isNew: true, state: 'cancelled' });
    await vi.waitFor(async () => expect((await batches.find(id)).finishedAt).toBeDefined(), until);
    expect(standing(await batches.find(id))).toEqual({
      ...{ state: 'cancelled', ...none, completed: 1, cancelled: 129, isOver: true },
    });
    expect(await records.standing(second, 'attempt')).toBe('cancelled');
    await vi.waitFor(async () => expect(await redis.zcard('{dimgx}:batches-due')).toBe(0), until);
    // The one that had completed is BullMQ's own to remove.
    expect(await redis.zcard('{dimgx}:flatten-default:prioritized')).toBe(1);
    expect(await batches.cancel(id)).toMatchObject({ isNew: false, batch: { state: 'cancelled' } });
  });

  test('cancelled while its jobs are being made, it gets no further ones', async () => {
    const batches = await started();
    const { batch } = await batches.submit(items(2000));
    await batches.cancel(batch.id);
    await vi.waitFor(async () => expect((await batches.find(batch.id)).finishedAt).toBeDefined(), until);
    expect(standing(await batches.find(batch.id))).toMatchObject({
      state: 'cancelled',
      queued: 0,
      cancelled: 2000,
    });
    expect(await redis.zcard('{dimgx}:jobs')).toBeLessThan(2000);
    expect(await redis.keys('{dimgx}:batch-items:*')).toEqual([]);
  });

  test('a finished one is not cancelled, and one that runs is not done again', async () => {
    const batches = await started();
    const { id, jobs } = await built(batches, 1);
    await expect(batches.retry(id)).rejects.toMatchObject({ code: 'BATCH_NOT_FINISHED' });
    await end(jobs[0] ?? '', 'completed');
    await expect(batches.cancel(id)).rejects.toMatchObject({ code: 'BATCH_FINISHED' });
    await expect(batches.retry(id)).rejects.toMatchObject({
      code: 'NOTHING_FAILED',
      message: `batch ${id} has no failed job that is still known`,
    });
    const other = await built(batches, 2);
    await batches.cancel(other.id);
    await vi.waitFor(async () => expect((await batches.find(other.id)).finishedAt).toBeDefined(), until);
    await expect(batches.retry(other.id)).rejects.toMatchObject({
      code: 'NOTHING_FAILED',
      message: expect.stringMatching(
        /; do the 2 that were cancelled again one by one, or submit them as a new batch$/,
      ),
    });
    await expect(batches.find(randomUUID())).rejects.toMatchObject({ code: 'BATCH_NOT_FOUND' });
    await expect(batches.cancel(randomUUID())).rejects.toMatchObject({ code: 'BATCH_NOT_FOUND' });
  });

  test('a batch counts how often its jobs were begun again, by why', async () => {
    const batches = await started();
    const { id, jobs } = await built(batches, 2);
    expect((await batches.find(id)).retries).toBeUndefined();
    const [first = '', second = ''] = jobs;
    for (const attempt of ['a', 'b']) {
      await records.start(first, attempt, 'worker');
      await records.end(first, attempt, { state: 'queued', error });
    }
    await records.start(second, 'a', 'lost');
    await end(second, 'completed');
    expect(await batches.find(id)).toMatchObject({ retries: { IMAGE_NOT_FOUND: 2, WORKER_LOST: 1 } });
  });

  test('done again, a new batch has a job for each that failed', async () => {
    const batches = await started();
    const { id, jobs } = await built(batches, 3);
    for (const [at, job] of jobs.entries()) await end(job, at === 0 ? 'completed' : 'failed');
    const again = await batches.retry(id);
    expect(again).toMatchObject({ retryOf: id, total: 2, state: 'running' });
    await vi.waitFor(async () => expect(await jobsOf(again.id)).toHaveLength(2), until);
    expect((await jobsOf(again.id)).map(({ retryOf }) => retryOf).reverse()).toEqual(jobs.slice(1));
    expect(standing(await batches.find(id))).toMatchObject({ state: 'finished', completed: 1, failed: 2 });
  });

  test('one callback tells of its end', async () => {
    const networks = ['127.0.0.1/32'];
    const callbacks = await Callbacks.start({ redis: server, networks, interval: 20, log });
    const receiver = await startReceiver();
    opened.push(callbacks, receiver);
    await callbacks.register(receiver.url);
    const batches = await started();
    const { id, jobs } = await built(batches, 3, { callback: { url: receiver.url } });
    for (const job of jobs) await end(job, 'completed');
    const [told] = await receiver.first(1);
    const { finishedAt } = await batches.find(id);
    expect(JSON.parse(told?.body ?? '')).toMatchObject({
      type: 'batch.completed',
      timestamp: finishedAt,
      data: { id, state: 'finished', total: 3, counts: { ...none, completed: 3 } },
    });
    await vi.waitFor(async () => expect(await redis.zcard('{dimgx}:callbacks-ended')).toBe(0), until);
    expect(receiver.received).toHaveLength(1);
  });

  test('its record goes when its time is over, and lists show the others, newest first', async () => {
    const batches = await started();
    const gone = await built(batches, 1);
    const ids = [(await built(batches, 1)).id, (await built(batches, 1)).id].reverse();
    await end(gone.jobs[0] ?? '', 'completed');
    expect((await batches.list(10)).batches.map(({ id }) => id)).toEqual([...ids, gone.id]);
    await redis.zadd('{dimgx}:batches-expiring', 'XX', 1, gone.id);
    await vi.waitFor(async () => expect((await batches.list(10)).batches).toHaveLength(2), until);
    const page = await batches.list(1);
    expect({ ids: page.batches.map(({ id }) => id), next: page.next }).toEqual({
      ids: [ids[0]],
      next: ids[0],
    });
    expect((await batches.list(1, page.next)).batches.map(({ id }) => id)).toEqual([ids[1]]);
    await expect(batches.find(gone.id)).rejects.toMatchObject({ code: 'BATCH_NOT_FOUND' });
  });
});
