import { Batches, keyPrefix, queueName } from '@dimgx/queue';
import { Worker } from 'bullmq';
import { beforeEach, expect, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { emptiedQueue, jobRequest, jobResult, queueLog } from '../support/service/queue-fixture.ts';

const progress = { phase: 'upload', bytes: 1, entries: 1 } as const;

needs('redis')('jobs that wait', () => {
  const fixture = emptiedQueue();
  /** Whose each job is. */
  let owners: Map<string, string>;
  beforeEach(() => {
    owners = new Map();
  });

  async function submit(owner: string, count: number, more: object = {}): Promise<string[]> {
    const ids: string[] = [];
    for (let at = 0; at < count; at++) {
      const { id } = await fixture.queue.submit(jobRequest(more), { owner });
      owners.set(id, owner);
      ids.push(id);
    }
    return ids;
  }

  /** Has a worker that does one job at a time do `count` of them; gives their ids in the order that it took them. */
  async function done(count: number): Promise<string[]> {
    const { records, redis } = fixture;
    const taken: string[] = [];
    const enough = Promise.withResolvers<void>();
    const worker = new Worker<{ id: string }>(
      queueName('default'),
      async ({ data: { id } }) => {
        await records.start(id, 'a', 'host-1');
        await records.end(id, 'a', { state: 'completed', result: jobResult('a'), progress });
        taken.push(id);
        // Before this job is done, so that no other one is taken after it.
        if (taken.length === count) enough.resolve(worker.close());
      },
      { connection: redis, prefix: keyPrefix },
    );
    await enough.promise;
    return taken;
  }

  const ownersOf = (ids: readonly string[]) => ids.map((id) => owners.get(id));

  test('of one key do not hold up the one job of another', async () => {
    await submit('many', 300);
    await submit('one', 1);
    expect(ownersOf(await done(3))).toContain('one');
  });

  test('of one key do not hold up one that comes while they are done', async () => {
    await submit('many', 60);
    await done(20);
    await submit('one', 1);
    expect(ownersOf(await done(3))).toContain('one');
  });

  test('of several keys are done in rotation, whoever came first', async () => {
    await submit('first', 40);
    await submit('second', 20);
    await submit('third', 20);
    const begun = ownersOf(await done(45));
    for (const owner of ['first', 'second', 'third']) {
      expect(begun.filter((each) => each === owner).length).toBeGreaterThanOrEqual(14);
      expect(begun.filter((each) => each === owner).length).toBeLessThanOrEqual(16);
    }
  });

  test('of one key are done in their order, also those that come while others are done', async () => {
    const ids = await submit('one', 10);
    const before = await done(5);
    ids.push(...(await submit('one', 10)));
    expect([...before, ...(await done(15))]).toEqual(ids);
  });

  test('are not farther behind for what their key has cancelled', async () => {
    const cancelled = await submit('many', 50);
    await submit('other', 30);
    for (const id of cancelled) await fixture.queue.cancel(id);
    await submit('many', 1);
    expect(ownersOf(await done(3))).toContain('many');
  });

  test('of a batch are of the key that submitted it', async () => {
    const { queue, redis, server } = fixture;
    const batches = await Batches.start({ redis: server, queue, log: queueLog });
    const items = Array.from({ length: 20 }, (_, at) => ({
      request: jobRequest({ labels: { at: `${at}` } }),
    }));
    await batches.submit(items, { owner: 'many' });
    await expect.poll(() => redis.zcard('{dimgx}:flatten-default:prioritized')).toBe(20);
    await batches.close();
    await submit('many', 20);
    await submit('one', 20);
    const ofOne = ownersOf(await done(20)).filter((owner) => owner === 'one');
    expect(ofOne.length).toBeGreaterThanOrEqual(9);
  });

  test.each(['trigger', 'schedule'])('of a %s have a share of their own', async (origin) => {
    for (let at = 0; at < 20; at++) await fixture.queue.submit(jobRequest(), { origin: { [origin]: 'x' } });
    await submit('one', 1);
    await fixture.queue.submit(jobRequest());
    const [, ...next] = ownersOf(await done(3));
    expect(next).toContain('one');
    expect(await fixture.redis.exists(`{dimgx}:share:default:normal:${origin}/x`)).toBe(1);
  });

  test('go by their priority before all else', async () => {
    await submit('one', 5, { priority: 'low' });
    await submit('one', 5);
    const high = await submit('one', 5, { priority: 'high' });
    const [urgent] = await submit('other', 1, { priority: 'high' });
    await submit('other', 1);
    const taken = await done(6);
    expect(new Set(taken)).toEqual(new Set([...high, urgent]));
    expect(taken.slice(0, 2)).toContain(urgent);
  });

  test('leave nothing of their turns when none waits any more', async () => {
    await submit('one', 5);
    await submit('other', 5, { priority: 'low' });
    expect(await fixture.redis.keys('{dimgx}:share*')).toHaveLength(2);
    await done(9);
    const [last] = await submit('one', 1, { priority: 'high' });
    await fixture.queue.cancel(last ?? '');
    await done(1);
    expect(await fixture.redis.keys('{dimgx}:share*')).toEqual([]);
  });

  test('are done in their order where more have passed than there are turns', async () => {
    await fixture.redis.set('{dimgx}:share:default:normal', 699_040);
    const ids = await submit('one', 20);
    const low = await submit('other', 1, { priority: 'low' });
    expect(await done(21)).toEqual([...ids, ...low]);
  });
});
