import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  ArtifactLifetimes,
  connectRedis,
  defaultLifetimes,
  idempotencyOf,
  JobQueue,
  JobRecords,
} from '@dimgx/queue';
import { expect, inject, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { startRedis } from '../support/parts/redis.ts';
import { jobRequest, jobResult, queueLog } from '../support/service/queue-fixture.ts';

needs('redis')('a node of a Redis Cluster', () => {
  test('takes all that is done to a job: every script keeps to one slot', async () => {
    const folder = join(inject('runFolder'), randomUUID());
    const server = await startRedis(folder, { args: ['--cluster-enabled', 'yes'] });
    const redis = await connectRedis(server, 'worker', () => {});
    try {
      await redis.cluster('ADDSLOTSRANGE', 0, 16_383);
      await expect.poll(() => redis.cluster('INFO'), { timeout: 10_000 }).toContain('cluster_state:ok');
      const lifetimes = { ...defaultLifetimes, recordDays: 0, artifactDays: 1 };
      const queue = await JobQueue.connect({ redis: server, lifetimes, log: queueLog });
      try {
        const records = new JobRecords(redis, lifetimes);
        const request = jobRequest({ labels: { a: '1' } });
        const first = await queue.submit(request, { idempotency: idempotencyOf('c', 'k', request) });
        await queue.mend();
        const labels = [{ name: 'a', value: '1' }];
        expect((await queue.list({ state: 'queued', labels }, 10)).jobs).toMatchObject([{ id: first.id }]);
        await records.start(first.id, 'a', 'host-1');
        await records.report(first.id, 'a', { phase: 'fetch', bytes: 1, entries: 0 });
        await records.note(first.id, 'a', { level: 'info', message: 'hello' });
        const error = { code: 'PULL_FAILED', message: 'no', retryable: true } as const;
        await records.end(first.id, 'a', { state: 'queued', error });
        expect(await queue.logs(first.id, 10)).toHaveLength(4);
        await records.start(first.id, 'b', 'host-1');
        const progress = { phase: 'upload', bytes: 1, entries: 1 } as const;
        await records.end(first.id, 'b', { state: 'completed', result: jobResult('a'), progress });
        const second = await queue.submit(request);
        await records.cancel(second.id);
        await new ArtifactLifetimes(redis, lifetimes).renew('key');
        await queue.sweep();
        expect((await queue.list({}, 10)).jobs).toEqual([]);
        await records.settle(first.id);
      } finally {
        await queue.close();
      }
    } finally {
      redis.disconnect();
      await server.stop();
    }
  });
});
