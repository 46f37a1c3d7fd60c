import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { emptiedQueue, jobRequest, jobResult } from '../support/service/queue-fixture.ts';

const progress = { phase: 'flatten', bytes: 10, entries: 1 } as const;

needs('redis')('a job that is cancelled', () => {
  const fixture = emptiedQueue();

  const endedIndexes = ['jobs', 'jobs-expiring', 'jobs:image:debian:12', 'jobs:state:cancelled'];

  test('while it waits is out of the queue and never begun', async () => {
    const { queue, queues, records, indexesOf } = fixture;
    const submitted = await queue.submit(jobRequest());
    const { job, isNew } = await queue.cancel(submitted.id);
    expect(isNew).toBe(true);
    expect(job).toMatchObject({ state: 'cancelled', attempts: 0 });
    expect(Date.parse(job.expiresAt ?? '') - Date.parse(job.finishedAt ?? '')).toBe(7 * 24 * 3600_000);
    expect(await queues.position(job)).toBe('unknown');
    expect(await indexesOf(job.id)).toEqual(endedIndexes);
    expect(await records.start(job.id, 'a', 'host-1')).toBeUndefined();
  });

  test('while a worker has it is taken from the worker, which can write nothing any more', async () => {
    const { queue, records, indexesOf } = fixture;
    const { id } = await queue.submit(jobRequest());
    await records.start(id, 'a', 'host-1');
    expect(await records.standing(id, 'a')).toBe('held');
    const { job } = await queue.cancel(id);
    expect(job).toMatchObject({ state: 'cancelled', worker: 'host-1', attempts: 1 });
    expect(await records.standing(id, 'a')).toBe('cancelled');
    expect(await records.report(id, 'a', progress)).toBe('cancelled');
    expect(await records.end(id, 'a', { state: 'completed', result: jobResult('a'), progress })).toBe(false);
    expect(await records.end(id, 'a', { state: 'queued', handedOn: 'INTERRUPTED' })).toBe(false);
    expect(await queue.find(id)).toEqual(job);
    expect(await indexesOf(id)).toEqual(endedIndexes);
  });

  test('ends however deep what it passes through is', async () => {
    const passthrough = JSON.parse(`${'['.repeat(1500)}${']'.repeat(1500)}`);
    const { id } = await fixture.queue.submit(jobRequest({ passthrough }));
    await fixture.queue.mend();
    expect((await fixture.queue.cancel(id)).job.state).toBe('cancelled');
  });

  test('twice is as it was', async () => {
    const { queue } = fixture;
    const { id } = await queue.submit(jobRequest());
    const { job } = await queue.cancel(id);
    expect(await queue.cancel(id)).toEqual({ job, isNew: false });
  });

  test('between two attempts is not tried again', async () => {
    const { queue, queues, records } = fixture;
    const { id } = await queue.submit(jobRequest());
    await records.start(id, 'a', 'host-1');
    const error = { code: 'DOCKER_UNREACHABLE', message: 'no engine', retryable: true } as const;
    await records.end(id, 'a', { state: 'queued', error });
    const { job } = await queue.cancel(id);
    expect(job).toMatchObject({ state: 'cancelled', error: { code: 'DOCKER_UNREACHABLE' } });
    expect(await queues.position(job)).toBe('unknown');
  });

  test.each(['completed', 'failed'] as const)('when it has %s already stays so', async (state) => {
    const { records, queue, recorded } = fixture;
    const { id } = await recorded();
    await records.start(id, 'a', 'host-1');
    const error = { code: 'IMAGE_NOT_FOUND', message: 'none', retryable: false } as const;
    await records.end(
      id,
      'a',
      state === 'failed' ? { state, error } : { state, result: jobResult('a'), progress },
    );
    await expect(queue.cancel(id)).rejects.toMatchObject({ code: 'JOB_FINISHED' });
    expect((await queue.find(id)).state).toBe(state);
  });

  test('that nobody knows', async () => {
    await expect(fixture.queue.cancel(randomUUID())).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    expect(await fixture.redis.keys('*')).toEqual([]);
  });

  test('leaves the queue even if the process dies right after the record', async () => {
    const { queue, queues, records, redis } = fixture;
    const job = await queue.submit(jobRequest());
    await records.cancel(job.id);
    expect(await queues.position(job)).toBe('prioritized');
    await queue.sweep();
    expect(await queues.position(job)).toBe('unknown');
    expect(await redis.exists('{dimgx}:jobs-dequeuing')).toBe(0);
  });

  test('at the moment in which a worker completes it ends in one way', async () => {
    const { queue, records, recorded, indexesOf } = fixture;
    for (let round = 0; round < 20; round++) {
      const { id } = await recorded();
      await records.start(id, 'a', 'host-1');
      const [isOurs, cancelled] = await Promise.all([
        records.end(id, 'a', { state: 'completed', result: jobResult('a'), progress }),
        queue.cancel(id).catch(() => undefined),
      ]);
      expect(isOurs).toBe(cancelled === undefined);
      const { state } = await queue.find(id);
      expect(state).toBe(isOurs ? 'completed' : 'cancelled');
      expect(await indexesOf(id)).toContain(`jobs:state:${state}`);
    }
  });
});
