import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { composeServices } from '../support/containers/compose-file.ts';
import { DockerCommand } from '../support/containers/docker-command.ts';
import { buildNodeBase } from '../support/containers/node-base.ts';
import { runOptions, seconds } from '../support/containers/run-options.ts';
import type { RealImage } from '../support/images/real-images.ts';
import { copiedBySkopeo, unpackedByUmoci } from '../support/judges/umoci.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { freePort } from '../support/parts/free-port.ts';
import { needs } from '../support/parts/needs.ts';
import { type RedisServer, startRedis } from '../support/parts/redis.ts';
import { sharedPart } from '../support/parts/shared-parts.ts';
import { ServiceClient } from '../support/service/service-client.ts';
import { s3Fixture } from '../support/stores/s3-fixture.ts';
import { compareTrees } from '../support/tree/compare-trees.ts';
import { treeOfTar } from '../support/tree/tar-tree.ts';

const { own } = watchForLeaks();
vi.setConfig({ testTimeout: 120_000 });

const repository = fileURLToPath(new URL('../..', import.meta.url));
const base = 'dimgx-test/node-base:1';
const image = 'dimgx-test/dimgx:1';
const [api, worker, spool] = ['dimgx-test-api', 'dimgx-test-worker', 'dimgx-test-spool'];
const apiKey = 'a-key-of-the-tests';

needs(...(['realImages', 'dockerCommand', 'redis', 'objectGateway', 'skopeo', 'umoci'] as const))(
  'API and worker as containers of one image',
  () => {
    let docker: DockerCommand;
    let images: readonly RealImage[];
    let redis: RedisServer;
    let client: ServiceClient;
    /** What `docker-compose.yml` tells of API and worker on this engine. */
    let services: ReturnType<typeof composeServices>;

    beforeAll(async () => {
      const engine = await sharedPart('docker');
      docker = new DockerCommand(engine.host, join(own, 'docker'));
      ({ images } = await sharedPart('realImages'));
      await buildNodeBase(docker, base, join(own, 'base'));
      const options = ['--network', 'host', '--force-rm', '--build-arg', `BASE=${base}`, '--tag', image];
      await docker.run('build', ...options, repository);

      const given = { DIMGX_API_KEY: apiKey, REDIS_PASSWORD: 'r', S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 's' };
      const DOCKER_GID = String((await stat(engine.socketPath)).gid);
      services = composeServices({ ...given, DOCKER_GID, DOCKER_SOCKET: engine.socketPath });

      redis = await startRedis(join(own, 'redis'));
      const { bucket, settings } = await s3Fixture();
      const port = String(await freePort());
      const places = {
        REDIS_URL: redis.url,
        DIMGX_STORE: `s3://${bucket}/flat`,
        S3_ENDPOINT: settings.endpoint,
        AWS_ACCESS_KEY_ID: settings.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: settings.credentials.secretAccessKey,
      };
      const listen = { DIMGX_HOST: '127.0.0.1', DIMGX_PORT: port, S3_PUBLIC_ENDPOINT: settings.endpoint };
      await start('api', api, { ...places, ...listen });
      await start('worker', worker, places);
      client = new ServiceClient(`http://127.0.0.1:${port}`, apiKey);
    }, 600_000);

    afterAll(async () => {
      await docker?.run('rm', '--force', '--volumes', api, worker);
      await docker?.run('volume', 'rm', '--force', spool);
      await redis?.stop();
    });

    async function start(
      part: 'api' | 'worker',
      name: string,
      environment: Record<string, string>,
    ): Promise<void> {
      const service = services[part];
      if (service === undefined) throw new Error(`docker-compose.yml has no ${part}`);
      const volumes = service.volumes.map((volume) => volume.replace(/^spool:/, `${spool}:`));
      const options = runOptions({ ...service, volumes }, environment);
      // The image asks every half minute.
      const often = ['--health-interval', '1s'];
      await docker.run(
        'run',
        '--detach',
        '--name',
        name,
        ...options,
        ...often,
        image,
        ...(service.command ?? []),
      );
    }

    test('both become healthy', async () => {
      await docker.untilHealth(api, 'healthy');
      await docker.untilHealth(worker, 'healthy');
    });

    test('neither runs as root', async () => {
      for (const name of [api, worker]) expect(await docker.run('exec', name, 'id', '-u')).toBe('10001');
    });

    test('an image of the engine goes the whole road, and its artifact is what umoci makes of the image', async () => {
      const { reference } = images.find(({ name }) => name === 'odd') ?? { reference: 'none' };
      const { job, report } = await client.flattened({ image: `docker-daemon:${reference}` });
      const redirect = await client.artifact(job.id, { redirect: 'manual' });
      expect(redirect.status).toBe(302);
      // Without the key of the API: the URL is all that a download takes.
      const download = await fetch(redirect.headers.get('location') ?? '');
      expect(download.status).toBe(200);
      const bytes = Buffer.from(await download.arrayBuffer());
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(report.artifact.sha256);

      await copiedBySkopeo(
        `docker-daemon:${reference}`,
        join(own, 'layout'),
        (await sharedPart('docker')).host,
      );
      const unpacked = await unpackedByUmoci(join(own, 'layout'), 'image', join(own, 'root'));
      const tree = await treeOfTar(bytes);
      expect(tree.problems).toEqual([]);
      expect(tree.size).toBeGreaterThan(100);
      expect(compareTrees(tree, unpacked.tree, { extractedSince: unpacked.since })).toEqual([]);
    });

    test('the image has the tools of two compressions', async () => {
      expect((await docker.run('exec', worker, 'which', 'xz', 'bzip2')).split('\n')).toHaveLength(2);
    });

    test('without an API key it does not serve others than itself', async () => {
      const outcome = docker.run(
        'run',
        '--rm',
        '--network',
        'host',
        '--env',
        `REDIS_URL=${redis.url}`,
        '--env',
        'DIMGX_STORE=file:/tmp',
        image,
        'api',
      );
      await expect(outcome).rejects.toThrow('CONFIG_INVALID');
    });

    test('a worker that has not heard from Redis for a while is unhealthy, until it hears from it again', async () => {
      await redis.stop();
      const file = '/tmp/dimgx-worker';
      await docker.run('exec', worker, 'touch', '--date', '2 minutes ago', file);
      await docker.untilHealth(worker, 'unhealthy');
      await redis.restart();
      await docker.untilHealth(worker, 'healthy');
    });

    test('a worker that is stopped ends its job within its grace', async () => {
      const { id } = await client.submit({ image: 'docker-daemon:dimgx-test/debian:1', force: true });
      await client.until(id, ({ state }) => state === 'active');
      await stop('worker', worker);
      // What it can't end within half a minute goes back to the queue.
      expect(['completed', 'queued']).toContain((await client.job(id)).state);
    });

    test('the API stops too', () => stop('api', api));

    async function stop(part: 'api' | 'worker', name: string): Promise<void> {
      const grace = seconds(services[part]?.stop_grace_period ?? '');
      await docker.run('stop', '--time', String(grace), name);
      // 137 is the end of what outlived its grace.
      expect(await docker.inspect(name, '{{.State.ExitCode}} {{.State.OOMKilled}}')).toBe('0 false');
    }
  },
);
