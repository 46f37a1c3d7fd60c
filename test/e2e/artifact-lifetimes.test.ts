import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactLifetimes, defaultLifetimes, type Redis } from '@dimgx/queue';
import { beforeAll, expect, test } from 'vitest';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { emptiedQueue } from '../support/service/queue-fixture.ts';
import { startService } from '../support/service/service-fixture.ts';

const folders = watchForLeaks();
const day = 24 * 60 * 60 * 1000;
const expiring = '{dimgx}:artifacts-expiring';

needs('redis')('the time of an artifact', () => {
  const fixture = emptiedQueue();
  let redis: Redis;
  beforeAll(() => {
    redis = fixture.redis;
  });

  const kept = (artifactDays: number) => new ArtifactLifetimes(redis, { ...defaultLifetimes, artifactDays });

  async function swept(artifacts: ArtifactLifetimes, remove = async (_key: string) => {}): Promise<string[]> {
    const removed: string[] = [];
    const faulty: string[] = [];
    const take = async (key: string) => {
      await remove(key);
      removed.push(key);
    };
    await artifacts.sweep(10, take, (key) => faulty.push(`${key} stays`));
    return [...removed, ...faulty];
  }

  test('is over for those that are old, and no others', async () => {
    await redis.zadd(expiring, Date.now() - 1, 'old', Date.now() + day, 'young');
    expect(await swept(kept(1))).toEqual(['old']);
    expect(await redis.zrange(expiring, '0', '-1')).toEqual(['young']);
  });

  test('begins anew when a job comes for it', async () => {
    await redis.zadd(expiring, Date.now() - 1, 'old');
    await kept(1).renew('old');
    await kept(1).renew('new');
    await kept(0).renew('for ever');
    expect(await swept(kept(1))).toEqual([]);
    expect((await redis.zrange(expiring, '0', '-1')).toSorted()).toEqual(['new', 'old']);
    expect(Number(await redis.zscore(expiring, 'old'))).toBeGreaterThan(Date.now() + day - 60_000);
  });

  test('that begins anew while it is removed is not forgotten', async () => {
    await redis.zadd(expiring, Date.now() - 1, 'old');
    expect(await swept(kept(1), () => kept(1).renew('old'))).toEqual(['old']);
    expect(await redis.zcard(expiring)).toBe(1);
  });

  test('is over next time for one that could not be removed, and the others go', async () => {
    await redis.zadd(expiring, 1, 'stuck', 2, 'old');
    const remove = async (key: string) => {
      if (key === 'stuck') throw new Error('no');
    };
    expect(await swept(kept(1), remove)).toEqual(['old', 'stuck stays']);
    expect(await swept(kept(1))).toEqual(['stuck']);
  });

  test('has no end where they are kept for ever', async () => {
    await redis.zadd(expiring, 1, 'old');
    expect(await swept(kept(0))).toEqual([]);
  });

  test('is kept by the service: it goes from the store, and is made anew when it is wanted', async () => {
    const seconds = 1;
    const lifetimes = { ...defaultLifetimes, artifactDays: (seconds * 1000) / day };
    const upkeep = { sweep: 100, mend: 1000 };
    const service = await startService({
      folder: folders.own,
      api: { lifetimes, upkeep },
      worker: { lifetimes },
    });
    try {
      const path = join(service.images, 'one.tar');
      await writeArchive(
        dockerArchiveFiles({ layers: [layer().file('a', 'a')], tags: ['a:1'] }, 'docker-25'),
        path,
      );
      const { job } = await service.client.flattened({ image: `docker-archive:${path}` });
      const status = async () => (await service.client.artifact(job.id)).status;
      await expect.poll(status, { timeout: 20_000 }).toBe(410);
      const files = await readdir(service.storeFolder, { recursive: true });
      expect(files.filter((name) => name.includes('.tar'))).toEqual([]);
      const again = await service.client.flattened({ image: `docker-archive:${path}` });
      expect(again.report.cached).toBe(false);
    } finally {
      await service.close();
    }
  });
});
