import { DimgxError } from '@dimgx/core';
import {
  Batches,
  idempotencyOf,
  type JobQueue,
  type Redis,
  type Schedule,
  Schedules,
  scheduleRequestSchema,
} from '@dimgx/queue';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import type { RedisServer } from '../support/parts/redis.ts';
import { emptiedQueue, jobRequest } from '../support/service/queue-fixture.ts';
import { quietLog as log } from '../support/service/service-fixture.ts';

const until = { timeout: 20_000, interval: 20 };
const due = '{dimgx}:schedules-due';
const hour = 3_600_000;

needs('redis')('schedules on a real Redis', () => {
  const fixture = emptiedQueue();
  let server: RedisServer;
  let redis: Redis;
  let queue: JobQueue;
  let batches: Batches;
  const opened: Schedules[] = [];

  beforeAll(async () => {
    ({ server, redis, queue } = fixture);
    batches = await Batches.start({ redis: server, queue, interval: 20, log });
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  afterAll(() => batches?.close());

  async function started(how: { queue?: Pick<JobQueue, 'submit' | 'find'> } = {}): Promise<Schedules> {
    const schedules = await Schedules.start({
      redis: server,
      queue,
      batches,
      interval: 10,
      log,
      ...how,
    });
    opened.push(schedules);
    return schedules;
  }

  async function nightly(schedules: Schedules, more: object = {}): Promise<Schedule> {
    const request = { everySeconds: 3600, job: { image: 'docker-daemon:app:1' }, ...more };
    return (await schedules.put('nightly', scheduleRequestSchema.parse(request))).schedule;
  }

  /** As if its time were that. */
  const setDue = (time: number) => redis.zadd(due, 'XX', time, 'nightly');
  const jobs = async () => [...(await queue.list({ schedule: 'nightly' }, 100)).jobs];
  const runs = async (schedules: Schedules) => (await schedules.find('nightly')).runs;
  const nextDue = async () => Number((await redis.zscore(due, 'nightly')) ?? Number.NaN);

  async function runCount(schedules: Schedules, count: number): Promise<void> {
    await vi.waitFor(async () => expect(await runs(schedules)).toHaveLength(count), until);
  }

  test('a schedule runs when it is due, and tells its next five times', async () => {
    const schedules = await started();
    const { next, createdAt } = await nightly(schedules);
    expect(next.map((time) => Date.parse(time) - Date.parse(createdAt))).toEqual(
      [1, 2, 3, 4, 5].map((at) => at * hour),
    );
    const time = Date.now() - 1000;
    await setDue(time);
    await runCount(schedules, 1);
    const [job] = await jobs();
    expect(job).toMatchObject({ schedule: 'nightly', request: { image: 'docker-daemon:app:1' } });
    expect(await runs(schedules)).toEqual([{ at: new Date(time).toISOString(), by: 'clock', job: job?.id }]);
    expect(await nextDue()).toBe(time + hour);
  });

  test('several processes make one job of a time', async () => {
    const all = await Promise.all([started(), started(), started()]);
    const [first] = all;
    await nightly(first, { overlap: 'allow' });
    for (let run = 1; run <= 5; run++) {
      await setDue(Date.now() - run);
      await runCount(first, run);
    }
    expect(await jobs()).toHaveLength(5);
  });

  test('times that were missed are one run', async () => {
    const schedules = await started();
    await nightly(schedules);
    const time = Date.now() - 10 * hour - 1000;
    await setDue(time);
    await runCount(schedules, 1);
    expect(await nextDue()).toBe(time + 11 * hour);
    expect(await jobs()).toHaveLength(1);
  });

  test('a process that dies between a job and its history leaves the job to the next one', async () => {
    const dying = Promise.withResolvers<never>();
    const submitted: string[] = [];
    const schedules = await Schedules.start({
      redis: server,
      queue: {
        find: (id) => queue.find(id),
        submit: async (...asked) => {
          submitted.push((await queue.submit(...asked)).id);
          return dying.promise;
        },
      },
      ...{ batches, interval: 10, log },
    });
    await nightly(schedules);
    const time = Date.now() - 1000;
    await setDue(time);
    await vi.waitFor(() => expect(submitted).toHaveLength(1), until);
    expect(await nextDue()).toBeGreaterThan(Date.now());
    // Its lease ends.
    await setDue(Date.now());
    const other = await started();
    await runCount(other, 1);
    expect(await runs(other)).toEqual([{ at: new Date(time).toISOString(), by: 'clock', job: submitted[0] }]);
    expect(await jobs()).toHaveLength(1);
    dying.reject(new DimgxError('REDIS_UNREACHABLE', 'gone'));
    await schedules.close();
  });

  test('a run is left out while the one before it has not ended, unless overlap is allowed', async () => {
    const schedules = await started();
    await nightly(schedules);
    const first = await schedules.run('nightly');
    await setDue(Date.now());
    await runCount(schedules, 2);
    expect((await runs(schedules))[0]).toMatchObject({
      by: 'clock',
      skipped: `the run of ${first.at} has not ended`,
    });
    await queue.cancel(first.job ?? '');
    await setDue(Date.now());
    await runCount(schedules, 3);
    expect((await runs(schedules))[0]?.job).toBeDefined();
    await nightly(schedules, { overlap: 'allow' });
    await setDue(Date.now());
    await runCount(schedules, 4);
    expect(await jobs()).toHaveLength(3);
  });

  test('it may make a batch, which has ended with its last job', async () => {
    const schedules = await started();
    await nightly(schedules, { job: undefined, batch: { images: ['app:1', 'app:2', 'app:1'] } });
    const { batch = '' } = await schedules.run('nightly');
    expect(await batches.find(batch)).toMatchObject({ schedule: 'nightly', total: 2, duplicates: 1 });
    await vi.waitFor(async () => expect(await jobs()).toHaveLength(2), until);
    expect(await schedules.run('nightly')).toMatchObject({ skipped: expect.stringContaining('not ended') });
    for (const { id } of await jobs()) await queue.cancel(id);
    expect((await schedules.run('nightly')).batch).toBeDefined();
  });

  test('paused, it does not run but by hand; resumed, it goes on with its next time', async () => {
    const schedules = await started();
    await nightly(schedules, { overlap: 'allow' });
    expect(await schedules.pause('nightly', true)).toMatchObject({ paused: true, next: [] });
    expect(await nextDue()).toBeNaN();
    expect((await schedules.run('nightly')).job).toBeDefined();
    const resumed = await schedules.pause('nightly', false);
    expect(resumed.next).toHaveLength(5);
    expect(await nextDue()).toBe(Date.parse(resumed.next[0] ?? ''));
    expect(await nightly(schedules, { paused: true })).toMatchObject({ paused: true, next: [] });
    expect(await nextDue()).toBeNaN();
  });

  test('changed while a run is being made, it keeps the time that it then got', async () => {
    const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const schedules = await started({
      queue: {
        find: (id) => queue.find(id),
        submit: async (...asked) => {
          begun.resolve();
          await held.promise;
          return queue.submit(...asked);
        },
      },
    });
    await nightly(schedules);
    await setDue(Date.now());
    await begun.promise;
    const { next } = await nightly(schedules, { everySeconds: 7200 });
    held.resolve();
    await schedules.close();
    expect(await jobs()).toHaveLength(1);
    expect(await nextDue()).toBe(Date.parse(next[0] ?? ''));
  });

  test('what can not be made is told, and the next time comes', async () => {
    const failing = {
      submit: async () => Promise.reject(new DimgxError('LIMIT_EXCEEDED', 'too many')),
      find: queue.find,
    };
    const schedules = await started({ queue: failing });
    await nightly(schedules);
    await setDue(Date.now());
    await runCount(schedules, 1);
    expect(await runs(schedules)).toMatchObject([{ by: 'clock', skipped: 'too many' }]);
    expect(await nextDue()).toBeGreaterThan(Date.now());
  });

  test('a run by hand under an idempotency key is one run, however often it is asked for', async () => {
    const [schedules, other] = await Promise.all([started(), started()]);
    await nightly(schedules);
    const idempotency = idempotencyOf('client', 'key', { run: 'nightly' });
    const asked = await Promise.all([
      ...[schedules.run('nightly', { idempotency }), other.run('nightly', { idempotency })],
      ...[other.run('nightly', { idempotency }), schedules.run('nightly', { idempotency })],
    ]);
    const [run] = asked;
    expect(run?.job).toBeDefined();
    expect(asked).toEqual(asked.map(() => run));
    expect(await runs(schedules)).toEqual([run]);
    expect(await jobs()).toHaveLength(1);

    const fresh = { idempotency: idempotencyOf('client', 'another', { run: 'nightly' }) };
    const skipped = await schedules.run('nightly', fresh);
    expect(skipped.skipped).toMatch(/not ended/);
    await queue.cancel(run?.job ?? '');
    expect(await schedules.run('nightly', fresh)).toEqual(skipped);

    const elsewhere = { idempotency: idempotencyOf('client', 'key', { run: 'weekly' }) };
    await schedules.put(
      'weekly',
      scheduleRequestSchema.parse({ everySeconds: 3600, job: { image: 'app:1' } }),
    );
    await expect(schedules.run('weekly', elsewhere)).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
    const asJob = queue.submit(jobRequest(), { idempotency: idempotencyOf('client', 'another', {}) });
    await expect(asJob).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
  });

  test('a run by hand of which a crash left but the job is the same run', async () => {
    const schedules = await started();
    await nightly(schedules);
    const idempotency = idempotencyOf('client', 'key', { run: 'nightly' });
    const before = await redis.hgetall('{dimgx}:schedule:nightly');
    const { job: made } = await schedules.run('nightly', { idempotency });
    await redis.hdel(`{dimgx}:idempotency:${idempotency.owner}`, 'run');
    await redis.del('{dimgx}:schedule:nightly', '{dimgx}:schedule-runs:nightly');
    await redis.hset('{dimgx}:schedule:nightly', before);
    expect((await schedules.run('nightly', { idempotency })).job).toBe(made);
    expect(await runs(schedules)).toHaveLength(1);
    expect(await jobs()).toHaveLength(1);
  });

  test('deleted, it runs no more and leaves nothing but what it made', async () => {
    const schedules = await started();
    await nightly(schedules);
    await schedules.run('nightly');
    await schedules.forget('nightly');
    expect(await schedules.list()).toEqual([]);
    expect(await redis.keys('{dimgx}:schedule*')).toEqual([]);
    expect(await jobs()).toHaveLength(1);
    for (const gone of [
      schedules.find('nightly'),
      schedules.run('nightly'),
      schedules.pause('nightly', true),
    ]) {
      await expect(gone).rejects.toMatchObject({ code: 'SCHEDULE_NOT_FOUND' });
    }
    await expect(schedules.forget('nightly')).rejects.toMatchObject({ code: 'SCHEDULE_NOT_FOUND' });
  });
});
