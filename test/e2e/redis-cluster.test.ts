import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  ArtifactLifetimes,
  askRedis,
  connectRedis,
  defaultLifetimes,
  idempotencyOf,
  JobQueue,
  JobRecords,
  keyPrefix,
  type Redis,
  type RedisSettings,
  redisWarnings,
} from '@dimgx/queue';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { freePort } from '../support/parts/free-port.ts';
import { needs } from '../support/parts/needs.ts';
import { type RedisServer, startRedis } from '../support/parts/redis.ts';
import { isReplicated } from '../support/parts/redis-cli.ts';
import { type ClusterOptions, type RedisCluster, startRedisCluster } from '../support/parts/redis-cluster.ts';
import { selfSigned } from '../support/self-signed-certificate.ts';
import { type OutageFixture, outageFixture, until } from '../support/service/outage-fixture.ts';
import { jobRequest, jobResult, queueLog } from '../support/service/queue-fixture.ts';

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
      message: expect.stringMatching(/does not take the user name or password of REDIS_URL$/),
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
      args: ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())],
    });
    opened.push(node);
    const connecting = connected({ url: node.url.replace('redis:', 'redis+cluster:') });
    await expect(connecting).rejects.toThrow('do not have all slots');
  });
});

needs('redis', 'redisClient')('a service on a Redis Cluster', () => {
  let cluster: RedisCluster;
  let fixture: OutageFixture;

  beforeAll(async () => {
    const folder = join(inject('runFolder'), randomUUID());
    cluster = await startRedisCluster(join(folder, 'redis'), { replicasOfEach: 1 });
    fixture = await outageFixture(cluster, folder);
  }, 60_000);
  afterAll(async () => {
    await fixture?.close();
    await cluster?.stop();
  });

  const ours = `${keyPrefix}:jobs`;

  test('a job goes all its way, and is watched on it', async () => {
    const { service, image } = fixture;
    const { id } = await service.client.submit({ image });
    const events = await (await fetch(`${service.api.url}/v1/jobs/${id}/events`)).text();
    expect(events.match(/"state":"\w+"/g)?.at(-1)).toBe('"state":"completed"');
    expect((await service.client.artifact(id)).status).toBe(200);
  });

  test('a running job is cancelled by the word of it', () => fixture.cancelsRunning());

  test('a batch, a schedule and a trigger make their jobs', async () => {
    const { ask, image } = fixture;
    const jobsOf = async (origin: string) => (await ask('GET', `/v1/jobs?${origin}`)).items;
    const jobs = ['a', 'b', 'c'].map((name) => ({ image, labels: { name } }));
    const { id } = await ask('POST', '/v1/batches', { jobs });
    const finished = { state: 'finished', counts: { completed: 3 } };
    await expect.poll(() => ask('GET', `/v1/batches/${id}`), until).toMatchObject(finished);
    await ask('PUT', '/v1/schedules/hourly', { everySeconds: 3600, job: { image } });
    await ask('POST', '/v1/schedules/hourly/run');
    await expect.poll(() => jobsOf('schedule=hourly'), until).toMatchObject([{ state: 'completed' }]);
    const secret = 'a-secret-that-is-long-enough';
    const paths = { repository: '/name', tag: '/tag' };
    await ask('PUT', '/v1/triggers/pushes', { provider: 'generic', secret, paths, job: { image } });
    await ask('POST', `/v1/hooks/pushes?token=${secret}`, { name: 'team/app', tag: '1' });
    await expect.poll(() => jobsOf('trigger=pushes'), until).toMatchObject([{ state: 'completed' }]);
  });

  test('our slot moves to another node in the midst of jobs: the service pauses, and loses none', async () => {
    const from = await cluster.ownerOf(ours);
    const to = cluster.nodes.find((node) => node !== from) ?? from;
    const ids = await fixture.submitted(40);
    await cluster.moveSlot(ours, to, () => fixture.isUnavailable());
    await fixture.recovers();
    await fixture.allCompleted(ids);
    expect(await cluster.ownerOf(ours)).toBe(to);
  });

  test('the node of our slot dies in the midst of jobs: a replica takes over, and none is lost', async () => {
    const owner = await cluster.ownerOf(ours);
    const ids = await fixture.submitted(40);
    await isReplicated(owner);
    await owner.kill();
    await fixture.isUnavailable();
    await fixture.recovers();
    await fixture.allCompleted(ids);
    await fixture.cancelsRunning();
    await owner.restart();
  });

  test('the whole cluster is away for a while', async () => {
    const ids = await fixture.submitted(20);
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    await fixture.isUnavailable();
    await Promise.all(cluster.nodes.map((node) => node.restart()));
    await fixture.recovers();
    await fixture.allCompleted(ids);
  });
});
