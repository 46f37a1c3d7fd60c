import type { JobFilter } from '@dimgx/queue';
import { expect, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { emptiedQueue, jobRequest } from '../support/service/queue-fixture.ts';

needs('redis')('lists of jobs', () => {
  const fixture = emptiedQueue();

  async function submitted(more: object = {}, origin: object = {}): Promise<string> {
    return (await fixture.records.create(jobRequest(more), { origin })).job.id;
  }

  async function ids(filter: JobFilter = {}, limit = 50, before?: string): Promise<string[]> {
    const { jobs, next } = await fixture.queue.list(filter, limit, before);
    return [...jobs.map(({ id }) => id), ...(next === undefined ? [] : ['…'])];
  }

  test('are empty at first', async () => {
    expect(await ids()).toEqual([]);
    expect(await ids({ state: 'failed', image: 'x' })).toEqual([]);
  });

  test('have the newest first, and are told by state, image, label and origin', async () => {
    const a = await submitted({ labels: { team: 'x', stage: 'test' } });
    const b = await submitted({ image: 'debian:13', labels: { team: 'x' } }, { batch: 'b1' });
    const c = await submitted({ labels: { team: 'y' } }, { schedule: 's1', trigger: 't1' });
    await fixture.records.start(b, 'attempt', 'host-1');
    const team = (value: string) => ({ labels: [{ name: 'team', value }] });
    expect(await ids()).toEqual([c, b, a]);
    expect(await ids({ state: 'queued' })).toEqual([c, a]);
    expect(await ids({ state: 'active' })).toEqual([b]);
    expect(await ids({ image: 'debian:12' })).toEqual([c, a]);
    expect(await ids(team('x'))).toEqual([b, a]);
    expect(await ids({ ...team('x'), state: 'queued', image: 'debian:12' })).toEqual([a]);
    expect(await ids({ labels: [...team('x').labels, { name: 'stage', value: 'test' }] })).toEqual([a]);
    expect(await ids({ batch: 'b1' })).toEqual([b]);
    expect(await ids({ schedule: 's1' })).toEqual([c]);
    expect(await ids({ trigger: 't1', ...team('x') })).toEqual([]);
  });

  test('come in pages that do not shift when jobs come, change or go', async () => {
    const all: string[] = [];
    for (let count = 0; count < 7; count++) all.unshift(await submitted());
    const first = await fixture.queue.list({ state: 'queued' }, 3);
    expect(first.jobs.map(({ id }) => id)).toEqual(all.slice(0, 3));
    await submitted();
    await fixture.queue.cancel(all[2] ?? '');
    const second = await fixture.queue.list({ state: 'queued' }, 3, first.next);
    expect(second.jobs.map(({ id }) => id)).toEqual(all.slice(3, 6));
    const third = await fixture.queue.list({ state: 'queued' }, 3, second.next);
    expect(third.jobs.map(({ id }) => id)).toEqual(all.slice(6));
    expect(third.next).toBeUndefined();
  });

  test('have no next page when the last one is just full', async () => {
    const all = [await submitted(), await submitted()].toReversed();
    expect(await ids({}, 2)).toEqual(all);
    expect(await ids({}, 1)).toEqual([all[0], '…']);
    expect(await ids({ state: 'queued', image: 'debian:12' }, 1)).toEqual([all[0], '…']);
    expect(await ids({ state: 'queued', image: 'debian:12' }, 2)).toEqual(all);
  });

  test('look at so many jobs at a time, and go on in the next page', async () => {
    const old = await submitted({ labels: { a: '1', b: '1' } });
    const label = (name: string) => `{dimgx}:jobs:label:${name}=1`;
    // Two large sets of newer jobs, with none in both.
    for (const name of ['a', 'b']) {
      const others = Array.from({ length: 12_000 }, (_, at) => [0, `f${String(at).padStart(5, '0')}${name}`]);
      await fixture.redis.zadd(label(name), ...others.flat());
    }
    const labels = ['a', 'b'].map((name) => ({ name, value: '1' }));
    const pages: string[][] = [];
    let before: string | undefined;
    do {
      const { jobs, next } = await fixture.queue.list({ labels }, 10, before);
      pages.push(jobs.map(({ id }) => id));
      before = next;
    } while (before !== undefined);
    expect(pages).toEqual([[], [], [old]]);
  });

  test('of long requests come in short pages', async () => {
    const globs = Array.from({ length: 256 }, () => 'a'.repeat(1000));
    const long = { include: globs, exclude: globs };
    const all: string[] = [];
    for (let count = 0; count < 20; count++) all.unshift(await submitted(long));
    const first = await ids({}, 100);
    expect(first.length).toBeLessThan(12);
    expect(first.at(-1)).toBe('…');
    const known = first.slice(0, -1);
    const rest = await ids({}, 11, known.at(-1));
    expect([...known, ...rest].slice(0, 15)).toEqual(all.slice(0, 15));
  });

  test('leave out what has no record any more, and forget it', async () => {
    const [lost, kept] = [await submitted({ labels: { a: '1' } }), await submitted()];
    await fixture.redis.del(`{dimgx}:job:${lost}`);
    expect(await ids({ labels: [{ name: 'a', value: '1' }] })).toEqual([]);
    expect(await ids()).toEqual([kept]);
    expect(await fixture.indexesOf(lost)).toEqual(['jobs:image:debian:12']);
    expect(await ids({ image: 'debian:12' })).toEqual([kept]);
    expect(await fixture.indexesOf(lost)).toEqual([]);
  });

  test('are mended when an index says otherwise than the record', async () => {
    const id = await submitted();
    await fixture.records.cancel(id);
    const indexes = await fixture.indexesOf(id);
    await fixture.redis.zrem('{dimgx}:jobs:image:debian:12', id);
    await fixture.redis.zadd('{dimgx}:jobs:state:active', 0, id);
    await fixture.queue.mend();
    expect(await fixture.indexesOf(id)).toEqual(indexes);
  });
});

needs('redis')('a job that is done again', () => {
  const fixture = emptiedQueue();

  test('is a new one with the same request that names the old one', async () => {
    const { queue, queues } = fixture;
    const first = await queue.submit(jobRequest({ labels: { a: '1' } }));
    await expect(queue.retry(first.id)).rejects.toMatchObject({ code: 'JOB_NOT_FINISHED' });
    const { job: cancelled } = await queue.cancel(first.id);
    const again = await queue.retry(first.id);
    expect(again).toMatchObject({ state: 'queued', request: first.request, retryOf: first.id });
    expect(again.id).not.toBe(first.id);
    expect(await queue.find(again.id)).toEqual(again);
    expect(await queues.position(again)).toBe('prioritized');
    expect(await queue.find(first.id)).toEqual(cancelled);
  });
});
