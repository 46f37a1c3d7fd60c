import { randomUUID } from 'node:crypto';
import {
  defaultLifetimes,
  idempotencyOf,
  type JobQueue,
  JobRecords,
  keyPrefix,
  type PoolQueues,
  queueName,
  type Redis,
} from '@dimgx/queue';
import { Worker } from 'bullmq';
import { beforeAll, expect, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import {
  emptiedQueue,
  type QueueFixture,
  jobRequest as request,
  jobResult as result,
} from '../support/service/queue-fixture.ts';

const ofImage = 'jobs:image:debian:12';
const queuedIndexes = ['jobs', 'jobs-waiting', ofImage, 'jobs:state:queued'];
const progress = { phase: 'flatten', bytes: 10, entries: 1 } as const;

needs('redis')('jobs on a real Redis', () => {
  const fixture = emptiedQueue();
  let redis: Redis;
  let queue: JobQueue;
  let records: JobRecords;
  let queues: PoolQueues;
  let recorded: QueueFixture['recorded'];
  let indexesOf: QueueFixture['indexesOf'];

  beforeAll(() => {
    ({ redis, queue, records, queues, recorded, indexesOf } = fixture);
  });

  test('a submitted job is recorded and queued, and is found again', async () => {
    const job = await queue.submit(request({ priority: 'high', labels: { team: 'a' } }));
    expect(job).toMatchObject({
      state: 'queued',
      kind: 'flatten',
      attempts: 0,
      request: { priority: 'high' },
    });
    expect(await queue.find(job.id)).toEqual(job);
    expect(await queues.position(job)).toBe('prioritized');
  });

  test('all that BullMQ gets of a job is its id', async () => {
    const { id } = await queue.submit(request({ labels: { password: 'hunter2' } }));
    expect(await redis.hget(`${keyPrefix}:flatten-default:${id}`, 'data')).toBe(JSON.stringify({ id }));
  });

  test('of jobs that wait, those of a higher priority are begun first, else the oldest', async () => {
    const ids: string[] = [];
    for (const priority of ['low', 'normal', 'high', 'normal'] as const) {
      ids.push((await queue.submit(request({ priority }))).id);
    }
    const worker = new Worker(queueName('default'), undefined, { connection: redis, prefix: keyPrefix });
    try {
      const order: number[] = [];
      for (let count = 0; count < ids.length; count++) {
        const taken = await worker.getNextJob('token');
        order.push(ids.indexOf(taken?.id ?? ''));
      }
      expect(order).toEqual([2, 1, 3, 0]);
    } finally {
      await worker.close();
    }
  });

  test('every key carries the hash tag, so a cluster keeps them together', async () => {
    await queue.submit(request(), { idempotency: idempotencyOf('c', 'k', request()) });
    const keys = await redis.keys('*');
    expect(keys.length).toBeGreaterThan(5);
    expect(keys.filter((key) => !key.startsWith('{dimgx}:'))).toEqual([]);
  });

  test('an unknown job', async () => {
    await expect(queue.find(randomUUID())).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  test('two requests at once with the same idempotency key make one job', async () => {
    const idempotency = idempotencyOf('client', 'key', request());
    const jobs = await Promise.all([1, 2, 3, 4].map(() => queue.submit(request(), { idempotency })));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    expect(await redis.zcard('{dimgx}:jobs')).toBe(1);
  });

  test('the same idempotency key with another request is refused', async () => {
    const { id } = await queue.submit(request(), {
      idempotency: idempotencyOf('client', 'key', request()),
    });
    const other = request({ force: true });
    await expect(
      queue.submit(other, { idempotency: idempotencyOf('client', 'key', other) }),
    ).rejects.toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
      message: expect.stringContaining(id),
    });
  });

  test('an idempotency key that outlived its job makes a new one', async () => {
    const idempotency = idempotencyOf('client', 'key', request());
    const first = await queue.submit(request(), { idempotency });
    await redis.del(`{dimgx}:job:${first.id}`);
    const second = await queue.submit(request(), { idempotency });
    expect(second.id).not.toBe(first.id);
    expect((await queue.submit(request(), { idempotency })).id).toBe(second.id);
  });

  test('an idempotency key is remembered for a day', async () => {
    const idempotency = idempotencyOf('client', 'key', request());
    await queue.submit(request(), { idempotency });
    const left = await redis.pttl(`{dimgx}:idempotency:${idempotency.owner}`);
    expect(left).toBeGreaterThan(24 * 3600_000 - 60_000);
    expect(left).toBeLessThanOrEqual(24 * 3600_000);
  });

  test('an attempt takes the job, reports and completes it', async () => {
    const { id, createdAt } = await recorded();
    expect((await records.start(id, 'a', 'host-1'))?.job).toMatchObject({
      state: 'active',
      attempts: 1,
      worker: 'host-1',
    });
    expect(await records.report(id, 'a', progress)).toBe('held');
    expect((await queue.find(id)).progress).toEqual(progress);
    expect(await records.end(id, 'a', { state: 'completed', result: result('a'), progress })).toBe(true);
    const job = await queue.find(id);
    expect(job).toMatchObject({ state: 'completed', result: result('a'), createdAt, worker: 'host-1' });
    expect(Date.parse(job.expiresAt ?? '') - Date.parse(job.finishedAt ?? '')).toBe(7 * 24 * 3600_000);
    expect(await indexesOf(id)).toEqual(['jobs', 'jobs-expiring', ofImage, 'jobs:state:completed']);
  });

  test('an attempt that lost its job to another can write nothing any more', async () => {
    const { id } = await recorded();
    await records.start(id, 'old', 'host-1');
    await records.start(id, 'new', 'host-2');
    expect(await records.report(id, 'old', progress)).toBe('lost');
    expect(await records.end(id, 'old', { state: 'completed', result: result('a'), progress })).toBe(false);
    expect(await queue.find(id)).toMatchObject({ state: 'active', worker: 'host-2', attempts: 2 });
    expect(await records.end(id, 'new', { state: 'completed', result: result('new'), progress })).toBe(true);
    expect(await records.end(id, 'old', { state: 'queued', handedOn: 'INTERRUPTED' })).toBe(false);
    expect((await queue.find(id)).result).toEqual(result('new'));
  });

  test('a finished job is not begun again', async () => {
    const { id } = await recorded();
    await records.start(id, 'a', 'host-1');
    await records.end(id, 'a', { state: 'completed', result: result('a'), progress });
    expect(await records.start(id, 'b', 'host-2')).toBeUndefined();
    expect((await queue.find(id)).attempts).toBe(1);
    expect(await records.start(randomUUID(), 'b', 'host-2')).toBeUndefined();
  });

  test('between two attempts a job is queued and tells why; the next attempt clears that', async () => {
    const { id } = await recorded();
    const error = { code: 'DOCKER_UNREACHABLE', message: 'no engine', retryable: true } as const;
    await records.start(id, 'a', 'host-1');
    await records.end(id, 'a', { state: 'queued', error });
    const waiting = await queue.find(id);
    expect(waiting).toMatchObject({ state: 'queued', error, attempts: 1 });
    expect(waiting.worker).toBeUndefined();
    expect(waiting.startedAt).toBeUndefined();
    expect(await indexesOf(id)).toEqual(queuedIndexes);
    expect((await records.start(id, 'b', 'host-1'))?.job.error).toBeUndefined();
    expect(await indexesOf(id)).toEqual(['jobs', ofImage, 'jobs:state:active']);
  });

  test('an expired job is gone, from the indexes and with its journal, and the next one is kept', async () => {
    const shortLived = new JobRecords(redis, { ...defaultLifetimes, recordDays: 0 });
    const { id } = await recorded();
    await shortLived.start(id, 'a', 'host-1');
    await shortLived.end(id, 'a', { state: 'completed', result: result('a'), progress });
    await expect(queue.find(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    const kept = await recorded();
    await queue.sweep();
    expect(await indexesOf(id)).toEqual([]);
    expect(await redis.keys(`*${id}*`)).toEqual([]);
    expect(await indexesOf(kept.id)).toEqual(queuedIndexes);
  });
});
