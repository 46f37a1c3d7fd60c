import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Fleet, type ServiceStats, type WorkerView } from '@dimgx/queue';
import { startWorker } from '@dimgx/worker';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { dimgx } from '../support/command/dimgx.ts';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { needs } from '../support/parts/needs.ts';
import { emptiedQueue, jobRequest } from '../support/service/queue-fixture.ts';
import { quietLog, type Service, startService } from '../support/service/service-fixture.ts';

needs('redis')('the workers of a service', () => {
  let service: Service;
  let stopping: AsyncDisposableStack;
  beforeAll(async () => {
    service = await startService({ folder: join(inject('runFolder'), randomUUID()), worker: false });
  });
  beforeEach(() => {
    stopping = new AsyncDisposableStack();
  });
  afterEach(() => stopping.disposeAsync());
  afterAll(() => service?.close());

  const startIn = async (pool: string) => {
    const name = `worker-of-${pool}`;
    const worker = await startWorker({ ...service.workerSettings, pools: [pool], name, log: quietLog });
    stopping.defer(() => worker.close());
    return worker;
  };
  const told = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${service.client.url}/v1/${path}`)).json()) as T;
  const workers = async () => (await told<{ items: WorkerView[] }>('workers')).items;

  test('are listed with what they have, and gone when they stop', async () => {
    const worker = await startIn('a');
    expect(await workers()).toMatchObject([
      {
        ...{ name: 'worker-of-a', pools: ['a'], capacity: 1, jobs: [], nodeVersion: process.version },
        platform: expect.stringMatching(/^linux\/(amd64|arm64)$/),
        load: [expect.any(Number), expect.any(Number), expect.any(Number)],
      },
    ]);
    const [{ spool, memory } = {} as WorkerView] = await workers();
    for (const { free, total } of [spool, memory]) expect(free).toBeLessThanOrEqual(total);
    await worker.close();
    expect(await workers()).toEqual([]);
  });

  test('take the jobs of their own pools alone', async () => {
    const image = join(service.images, 'one.tar');
    await writeArchive(
      dockerArchiveFiles({ layers: [layer().file('a')], tags: ['one:1'] }, 'docker-25'),
      image,
    );
    const submitted = (pool: string) => service.client.submit({ image: `docker-archive:${image}`, pool });
    const [ofA, ofB, ofNobody] = await Promise.all([submitted('a'), submitted('b'), submitted('c')]);
    await startIn('b');
    expect(await service.client.finished(ofB.id)).toMatchObject({ worker: 'worker-of-b' });
    expect(await service.client.job(ofA.id)).toMatchObject({ state: 'queued', attempts: 0 });
    const waiting = await told<ServiceStats>('stats');
    expect(waiting).toMatchObject({
      jobs: { queued: 2, active: 0, completed: 1, failed: 0, cancelled: 0 },
      pools: [
        { pool: 'a', queued: 1, workers: 0, capacity: 0 },
        { pool: 'b', queued: 0, active: 0, workers: 1, capacity: 1 },
        { pool: 'c', queued: 1, workers: 0, capacity: 0 },
      ],
    });
    expect(waiting.pools[0]?.oldestWaitMs).toBeGreaterThan(0);
    const shown = await dimgx(['stats'], { env: { DIMGX_URL: service.client.url } });
    expect(shown.stdout.toString()).toMatch(
      /^QUEUED +ACTIVE.*\n2 +0 +1 +0 +0\n\nPOOL .*\na +1 +0 +\S+ m?s +0 +0\nb +0 +0 +- +1 +1\nc +1 /,
    );
    expect(waiting.oldestWaitMs).toBeGreaterThanOrEqual(waiting.pools[0]?.oldestWaitMs ?? Infinity);

    await startIn('a');
    expect(await service.client.finished(ofA.id)).toMatchObject({ worker: 'worker-of-a' });
    await service.client.cancel(ofNobody.id);
    const { jobs, pools, oldestWaitMs } = await told<ServiceStats>('stats');
    expect(jobs).toMatchObject({ queued: 0, completed: 2, cancelled: 1 });
    expect(pools.map(({ pool }) => pool)).toEqual(['a', 'b']);
    expect(oldestWaitMs).toBeUndefined();
  });
});

needs('redis')('what is known of a fleet', () => {
  const fixture = emptiedQueue();
  let fleet: Fleet;
  beforeAll(() => {
    fleet = new Fleet(fixture.redis);
  });

  const view = (name: string): WorkerView => ({
    ...{ name, host: 'host', pools: ['a', 'b'], capacity: 4, jobs: [], version: '1.0.0' },
    ...{ nodeVersion: 'v24.0.0', platform: 'linux/amd64', cpus: 2, load: [0, 0, 0] },
    ...{ draining: false, outages: [], memory: { free: 1, total: 2 }, spool: { free: 1, total: 2 } },
    process: { residentBytes: 1, eventLoopDelayMs: 0 },
    ...{ startedAt: new Date().toISOString(), seenAt: new Date().toISOString() },
  });

  test('a worker that is silent vanishes by itself', async () => {
    for (const name of ['one', 'two']) await fleet.announce(view(name));
    const left = await fixture.redis.pttl('{dimgx}:worker:one');
    expect(left).toBeGreaterThan(15_000);
    expect(left).toBeLessThanOrEqual(20_000);
    await fixture.redis.pexpire('{dimgx}:worker:one', 0);
    expect((await fleet.list()).map(({ name }) => name)).toEqual(['two']);
    await fleet.leave('two');
    expect(await fixture.redis.zcard('{dimgx}:workers')).toBe(1);
  });

  test('a worker of another version, which tells of itself otherwise, hides none of the others', async () => {
    await fleet.announce({ ...view('other'), spool: undefined } as unknown as WorkerView);
    await fleet.announce(view('own'));
    const names = (await fleet.list()).map(({ name }) => name);
    for (const name of ['other', 'own']) await fleet.leave(name);
    expect(names).toContain('own');
    expect(names).not.toContain('other');
  });

  test('a job is counted with its pool from its beginning to its end, also when its record is lost', async () => {
    const { queue, records, redis } = fixture;
    const counts = async () => {
      const { pools } = await fleet.stats();
      return pools.map(({ pool, queued, active }) => [pool, queued, active]);
    };
    const { id } = await queue.submit(jobRequest({ pool: 'a' }));
    const other = await queue.submit(jobRequest({ pool: 'a' }));
    expect(await counts()).toEqual([['a', 2, 0]]);
    await records.start(id, 'x', 'host-1');
    expect(await counts()).toEqual([['a', 1, 1]]);
    await records.end(id, 'x', { state: 'queued', handedOn: 'INTERRUPTED' });
    expect(await counts()).toEqual([['a', 2, 0]]);
    await queue.cancel(id);
    expect(await counts()).toEqual([['a', 1, 0]]);
    await redis.del(`{dimgx}:job:${other.id}`);
    await queue.mend();
    expect(await counts()).toEqual([]);
  });
});
