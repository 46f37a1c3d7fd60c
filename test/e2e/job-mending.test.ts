import {
  JobQueue,
  type JobRecords,
  keyPrefix,
  mendJob,
  type PoolQueues,
  queueName,
  type Redis,
} from '@dimgx/queue';
import { Worker } from 'bullmq';
import { beforeAll, expect, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import type { RedisServer } from '../support/parts/redis.ts';
import {
  emptiedQueue,
  queueLog as log,
  type QueueFixture,
  jobRequest as request,
} from '../support/service/queue-fixture.ts';

needs('redis')('jobs whose record and queue differ', () => {
  const fixture = emptiedQueue();
  let server: RedisServer;
  let redis: Redis;
  let queue: JobQueue;
  let records: JobRecords;
  let queues: PoolQueues;
  let recorded: QueueFixture['recorded'];

  beforeAll(() => {
    ({ server, redis, queue, records, queues, recorded } = fixture);
  });

  test('mending: recorded but never queued', async () => {
    const job = await recorded();
    expect(await mendJob(job.id, records, queues)).toBe('added');
    expect(await queues.position(job)).toBe('prioritized');
    expect(await mendJob(job.id, records, queues)).toBeUndefined();
  });

  test('mending: active, but the queue knows nothing of it', async () => {
    const { id } = await recorded();
    await records.start(id, 'a', 'host-1');
    expect(await mendJob(id, records, queues)).toBe('failed');
    expect(await queue.find(id)).toMatchObject({
      state: 'failed',
      error: { code: 'WORKER_LOST', message: expect.stringContaining('host-1'), retryable: true },
    });
    expect(await mendJob(id, records, queues)).toBeUndefined();
  });

  test('mending: active, but waiting in the queue', async () => {
    const { id } = await queue.submit(request());
    await records.start(id, 'a', 'host-1');
    expect(await mendJob(id, records, queues)).toBe('requeued');
    const job = await queue.find(id);
    expect(job.state).toBe('queued');
    expect(job.error).toBeUndefined();
  });

  test('mending: a job that is worked on is left alone', async () => {
    const { id } = await queue.submit(request());
    const worker = new Worker(queueName('default'), undefined, { connection: redis, prefix: keyPrefix });
    try {
      expect((await worker.getNextJob('token'))?.id).toBe(id);
      // As it is until the worker has told the record.
      expect(await mendJob(id, records, queues)).toBeUndefined();
      await records.start(id, 'a', 'host-1');
      expect(await mendJob(id, records, queues)).toBeUndefined();
      expect((await queue.find(id)).state).toBe('active');
    } finally {
      await worker.close();
    }
  });

  test('a job that is recorded is accepted, also if the queue can not take it now', async () => {
    // May touch records, but not BullMQ's keys.
    await redis.acl(
      'SETUSER',
      'recorder',
      'on',
      '>password',
      '~{dimgx}:job*',
      '~{dimgx}:nowhere',
      '~{dimgx}:pool*',
      '~{dimgx}:share*',
      '&*',
      '+@all',
    );
    const url = `redis://recorder:password@127.0.0.1:${server.port}`;
    const recorder = await JobQueue.connect({ redis: { url }, log });
    const job = await recorder.submit(request());
    await recorder.close();
    expect(await queues.position(job)).toBe('unknown');
    await queue.mend();
    expect(await queues.position(job)).toBe('prioritized');
  });

  test('mending goes on by itself', async () => {
    const other = await JobQueue.connect({ redis: server, log });
    const often = { sweep: 50, mend: 50 };
    const stops = [queue.keepUp(often), other.keepUp(often)];
    const job = await recorded();
    await expect.poll(() => queues.position(job), { timeout: 10_000 }).toBe('prioritized');
    await Promise.all(stops.map((stop) => stop()));
    await other.close();
  });

  test('mending all: each unfinished job is seen to, unreadable records stop nothing', async () => {
    for (const request of ['{}', 'no JSON']) {
      const { id } = await recorded();
      await redis.hset(`{dimgx}:job:${id}`, 'request', request);
    }
    const jobs = await Promise.all(Array.from({ length: 1200 }, recorded));
    await queue.mend();
    const positions = await Promise.all(jobs.map((job) => queues.position(job)));
    expect(positions.filter((position) => position !== 'prioritized')).toEqual([]);
  });
});
