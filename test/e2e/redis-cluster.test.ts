import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  ArtifactLifetimes,
  askRedis,
  connectRedis,
  defaultLifetimes,
  idempotencyOf,
  type Job,
  JobQueue,
  JobRecords,
  keyPrefix,
  type Redis,
  type RedisSettings,
  redisWarnings,
} from '@dimgx/queue';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { needs } from '../support/parts/needs.ts';
import { type RedisServer, startRedis } from '../support/parts/redis.ts';
import { type ClusterOptions, type RedisCluster, startRedisCluster } from '../support/parts/redis-cluster.ts';
import { selfSigned } from '../support/self-signed-certificate.ts';
import { jobRequest, jobResult, queueLog } from '../support/service/queue-fixture.ts';
import { type Service, startServiceOn } from '../support/service/service-fixture.ts';

const MIB = 1024 * 1024;

needs('redis', 'redisClient')('a Redis Cluster of three nodes', () => {
  let cluster: RedisCluster;
  let redis: Redis;

  beforeAll(async () => {
    cluster = await startRedisCluster(join(inject('runFolder'), randomUUID()));
    redis = await connectRedis(cluster, 'worker', () => {});
  }, 60_000);
  afterAll(async () => {
    redis?.disconnect();
    await cluster?.stop();
  });

  test('takes all that is done to a job: every script keeps to one slot', async () => {
    const lifetimes = { ...defaultLifetimes, recordDays: 0, artifactDays: 1 };
    const queue = await JobQueue.connect({ redis: cluster, lifetimes, log: queueLog });
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
  });
});

needs('redis', 'redisClient')('a connection to a Redis Cluster', () => {
  const opened: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.stop();
  });

  async function started(options: ClusterOptions = {}): Promise<RedisCluster> {
    const cluster = await startRedisCluster(join(inject('runFolder'), randomUUID()), options);
    opened.push(cluster);
    return cluster;
  }

  async function connected(settings: RedisSettings): Promise<Redis> {
    const redis = await connectRedis(settings, 'producer', () => {});
    opened.push({ stop: async () => redis.disconnect() });
    return redis;
  }

  test('with a password and TLS', async () => {
    const cluster = await started({ password: 'hidden', tls: selfSigned() });
    const redis = await connected(cluster);
    for (const key of ['a', 'b', 'c', 'd']) expect(await redis.set(key, 'x')).toBe('OK');
    const wrong = { ...cluster, url: cluster.url.replace('hidden', 'secret') };
    const refused = await connected(wrong).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      message: expect.stringMatching(/user name or password; see REDIS_URL$/),
    });
    expect(String(refused)).not.toContain('secret');
  });

  test('warns of whatever node is not as it should be', async () => {
    const cluster = await started();
    const redis = await connected(cluster);
    expect(await redisWarnings(redis)).toEqual([]);
    const node = await connected(cluster.nodes[2] as RedisServer);
    await node.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await redisWarnings(redis)).toEqual([expect.stringContaining('allkeys-lru')]);
  });

  test('tells a URL that takes a node of it for all', async () => {
    const cluster = await started();
    const owner = await cluster.ownerOf(`${keyPrefix}:jobs`);
    const node = cluster.nodes.find((each) => each !== owner) as RedisServer;
    const asking = askRedis(await connected(node));
    await expect(asking).rejects.toThrow('REDIS_URL must begin with redis+cluster:');
  });

  test('tells that a cluster is not whole', async () => {
    const node = await startRedis(join(inject('runFolder'), randomUUID()), {
      args: ['--cluster-enabled', 'yes'],
    });
    opened.push(node);
    const connecting = connected({ url: node.url.replace('redis:', 'redis+cluster:') });
    await expect(connecting).rejects.toThrow('do not have all slots');
  });
});

needs('redis', 'redisClient')('a service on a Redis Cluster', () => {
  let cluster: RedisCluster;
  let service: Omit<Service, 'redis'>;
  let small: string;
  let slow: object;

  beforeAll(async () => {
    const folder = join(inject('runFolder'), randomUUID());
    cluster = await startRedisCluster(join(folder, 'redis'), { replicasOfEach: 1 });
    service = await startServiceOn(cluster, {
      folder,
      api: { triggers: { debounce: { quiet: 10, patience: 100 } }, requestsPerMinute: 100_000 },
      // A cancelled job is left by the word of it alone.
      worker: { concurrency: 2, lookInterval: 600_000, lockDuration: 6000 },
    });
    small = await archive('small', Buffer.from('small'));
    const image = await archive('slow', randomBytes(64 * MIB));
    slow = { image, compression: { algorithm: 'zstd', level: 19 } };
  }, 60_000);
  afterAll(async () => {
    await service?.close();
    await cluster?.stop();
  });

  async function archive(name: string, content: Buffer): Promise<string> {
    const path = join(service.images, `${name}.tar`);
    const files = dockerArchiveFiles(
      { layers: [layer().file('file', content)], tags: [`${name}:1`] },
      'docker-25',
    );
    await writeArchive(files, path);
    return `docker-archive:${path}`;
  }

  /** A request that must be taken. */
  async function ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${service.api.url}${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  const until = { timeout: 30_000, interval: 50 };
  const jobsOf = async (origin: string) => (await ask('GET', `/v1/jobs?${origin}`)).items as Job[];

  test('a job goes all its way, and is watched on it', async () => {
    const { id } = await service.client.submit({ image: small });
    const events = await (await fetch(`${service.api.url}/v1/jobs/${id}/events`)).text();
    expect(events.match(/"state":"\w+"/g)?.at(-1)).toBe('"state":"completed"');
    expect((await service.client.artifact(id)).status).toBe(200);
  });

  test('a running job is cancelled by the word of it', cancelsRunning);

  async function cancelsRunning(): Promise<void> {
    const { id } = await service.client.submit(slow);
    await service.client.until(
      id,
      ({ state, progress }) => state === 'active' && progress.phase === 'flatten',
    );
    expect((await service.client.cancel(id)).status).toBe(202);
    const busy = async () => ((await ask('GET', '/v1/workers')).items as { jobs: string[] }[])[0]?.jobs;
    await expect.poll(busy, until).toEqual([]);
    expect(await service.client.job(id)).toMatchObject({ state: 'cancelled' });
  }

  test('a batch, a schedule and a trigger make their jobs', async () => {
    const requests = ['a', 'b', 'c'].map((name) => ({ image: small, labels: { name } }));
    const { id } = await ask('POST', '/v1/batches', { jobs: requests });
    await expect
      .poll(() => ask('GET', `/v1/batches/${id}`), until)
      .toMatchObject({
        state: 'finished',
        counts: { completed: 3 },
      });
    await ask('PUT', '/v1/schedules/hourly', { everySeconds: 3600, job: { image: small } });
    await ask('POST', '/v1/schedules/hourly/run');
    await expect.poll(() => jobsOf('schedule=hourly'), until).toMatchObject([{ state: 'completed' }]);
    const secret = 'a-secret-that-is-long-enough';
    const paths = { repository: '/name', tag: '/tag' };
    await ask('PUT', '/v1/triggers/pushes', { provider: 'generic', secret, paths, job: { image: small } });
    await ask('POST', `/v1/hooks/pushes?token=${secret}`, { name: 'team/app', tag: '1' });
    await expect.poll(() => jobsOf('trigger=pushes'), until).toMatchObject([{ state: 'completed' }]);
  });

  /** So many jobs, one after the other; no two workers are needed to find some of them waiting. */
  async function submitted(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let number = 0; number < count; number++) {
      ids.push((await service.client.submit({ image: small, labels: { number: String(number) } })).id);
    }
    return ids;
  }

  async function allCompleted(ids: readonly string[]): Promise<void> {
    const ends = await Promise.all(ids.map((id) => service.client.finished(id)));
    expect(ends.map(({ state }) => state)).toEqual(ids.map(() => 'completed'));
  }

  /** Each call is answered within a second: that the service can't say now. */
  async function isUnavailable(): Promise<void> {
    const begun = performance.now();
    const answers = await Promise.all([
      service.client.post({ image: small }),
      fetch(`${service.api.url}/v1/jobs`),
      fetch(`${service.api.url}/readyz`),
    ]);
    expect(performance.now() - begun).toBeLessThan(1000);
    const problems = await Promise.all(answers.map((answer) => answer.json()));
    expect(problems).toMatchObject(answers.map(() => ({ status: 503, code: 'REDIS_UNREACHABLE' })));
  }

  const takesJobs = async () => (await service.client.post({ image: small })).status;
  const ours = `${keyPrefix}:jobs`;

  test('our slot moves to another node in the midst of jobs: the service pauses, and loses none', async () => {
    const from = await cluster.ownerOf(ours);
    const to = cluster.nodes.find((node) => node !== from) ?? from;
    const ids = await submitted(40);
    await cluster.moveSlot(ours, to, isUnavailable);
    await expect.poll(takesJobs, until).toBe(202);
    await allCompleted(ids);
    expect(await cluster.ownerOf(ours)).toBe(to);
  });

  test('the node of our slot dies in the midst of jobs: a replica takes over, and none is lost', async () => {
    const owner = await cluster.ownerOf(ours);
    const ids = await submitted(40);
    await cluster.isReplicated(owner);
    await owner.kill();
    await isUnavailable();
    await expect.poll(takesJobs, until).toBe(202);
    await allCompleted(ids);
    await cancelsRunning();
    await owner.restart();
  });

  test('the whole cluster is away for a while', async () => {
    const ids = await submitted(20);
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    await isUnavailable();
    await Promise.all(cluster.nodes.map((node) => node.restart()));
    await expect.poll(takesJobs, until).toBe(202);
    await allCompleted(ids);
  });
});
