import { defaultLifetimes, JobRecords, sweepJobs } from '@dimgx/queue';
import { expect, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { emptiedQueue, jobRequest } from '../support/service/queue-fixture.ts';

needs('redis')('the time of a job', () => {
  const fixture = emptiedQueue();

  const error = { code: 'DOCKER_UNREACHABLE', message: 'no engine', retryable: true } as const;
  const impatient = { ...defaultLifetimes, queueTimeoutSeconds: 0.001 };

  /** Until the clock has gone on by a millisecond. */
  const moment = () => expect.poll(() => Date.now()).toBeGreaterThan(Date.now() + 1);

  test('to wait in the queue ends: the job has failed, and is out of the queue', async () => {
    const { redis, queue, queues, indexesOf } = fixture;
    const { job } = await new JobRecords(redis, impatient).create(jobRequest());
    await queues.add(job);
    const patient = await queue.submit(jobRequest());
    await moment();
    await queue.sweep();
    expect(await queue.find(job.id)).toMatchObject({
      state: 'failed',
      attempts: 0,
      error: { code: 'QUEUE_TIMED_OUT', retryable: true },
    });
    expect(await queues.position(job)).toBe('unknown');
    expect(await indexesOf(job.id)).toEqual([
      ...['jobs', 'jobs-expiring', 'jobs:image:debian:12', 'jobs:state:failed'],
    ]);
    expect((await queue.find(patient.id)).state).toBe('queued');
  });

  test('to wait begins anew between two attempts, and does not run while a worker has the job', async () => {
    const { redis, queue, records } = fixture;
    const hasty = new JobRecords(redis, impatient);
    const [running, waiting] = [
      (await hasty.create(jobRequest())).job,
      (await hasty.create(jobRequest())).job,
    ];
    for (const { id } of [running, waiting]) await records.start(id, 'a', 'host-1');
    await records.end(waiting.id, 'a', { state: 'queued', error });
    await moment();
    await queue.sweep();
    expect((await queue.find(running.id)).state).toBe('active');
    expect((await queue.find(waiting.id)).state).toBe('queued');
    await records.start(waiting.id, 'b', 'host-1');
    await hasty.end(waiting.id, 'b', { state: 'queued', error });
    await moment();
    await queue.sweep();
    expect(await queue.find(waiting.id)).toMatchObject({
      state: 'failed',
      error: { code: 'QUEUE_TIMED_OUT' },
    });
  });

  test('to wait has no end where none is wanted', async () => {
    const { redis, queue, indexesOf } = fixture;
    const { job } = await new JobRecords(redis, { ...impatient, queueTimeoutSeconds: 0 }).create(
      jobRequest(),
    );
    expect(await indexesOf(job.id)).toEqual(['jobs', 'jobs:image:debian:12', 'jobs:state:queued']);
    await queue.sweep();
    expect((await queue.find(job.id)).state).toBe('queued');
  });

  test('is over for thousands at once', async () => {
    const { redis } = fixture;
    const hasty = new JobRecords(redis, { ...impatient, recordDays: 0 });
    await Promise.all(Array.from({ length: 300 }, () => hasty.create(jobRequest({ labels: { a: '1' } }))));
    await moment();
    await sweepJobs(redis, { ...impatient, recordDays: 0 });
    await moment();
    await sweepJobs(redis, impatient);
    expect(await redis.keys('{dimgx}:job*')).toEqual(['{dimgx}:jobs-dequeuing']);
  });
});
