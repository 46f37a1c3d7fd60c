import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ListedJob } from '@dimgx/queue';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { EngineClient } from '../support/images/engine-client.ts';
import { layer } from '../support/images/layer.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { type RegistryServer, startRegistry } from '../support/parts/registry.ts';
import { sharedPart } from '../support/parts/shared-parts.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';
import { treeOfTar } from '../support/tree/tar-tree.ts';

const folders = watchForLeaks();
const run = promisify(execFile);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const secret = 'the-secret-of-the-registry';
const until = { timeout: 60_000, interval: 50 };

needs(
  'redis',
  'docker',
  'registry',
  'skopeo',
)('a registry that tells of its pushes', () => {
  let docker: { host: string; socketPath: string };
  let service: Service;
  let registry: RegistryServer;

  beforeAll(async () => {
    docker = await sharedPart('docker');
    service = await startService({
      folder: folders.own,
      api: { triggers: { debounce: { quiet: 200, patience: 5000 }, interval: 20 } },
      worker: { dockerHost: docker.host },
    });
    registry = await startRegistry(join(folders.own, 'registry'), {
      notifications: {
        url: `${service.client.url}/v1/hooks/pushes`,
        headers: { authorization: `Bearer ${secret}` },
      },
    });
    const response = await fetch(`${service.client.url}/v1/triggers/pushes`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        provider: 'distribution',
        secret,
        match: { repositories: ['team/*'], tags: ['v*'] },
        job: { image: 'docker-daemon:{registry}/{repository}:{tag}', compression: { algorithm: 'none' } },
      }),
    });
    expect(response.status).toBe(201);
  });
  afterAll(async () => {
    await registry?.stop();
    await service?.close();
    const engine = new EngineClient(docker.socketPath);
    await engine.remove(`${registry.host}/team/app:v1`);
  });

  async function push(content: string, name: string): Promise<void> {
    const archive = join(folders.own, 'pushed.tar');
    const image = { layers: [layer().file('etc/version', content)], tags: [name] };
    await writeFile(archive, dockerArchive(image, 'docker-1.10'));
    const target = `docker://${registry.host}/${name}`;
    await run('skopeo', [
      ...['copy', '--quiet', '--insecure-policy', '--dest-tls-verify=false'],
      ...[`docker-archive:${archive}`, target],
    ]);
  }

  async function jobs(): Promise<ListedJob[]> {
    const response = await fetch(`${service.client.url}/v1/jobs?trigger=pushes`);
    return ((await response.json()) as { items: ListedJob[] }).items;
  }

  /** The digest of the file in the artifact of the newest job, once there are so many. */
  async function versionIn(count: number): Promise<string | undefined> {
    const [newest] = await vi.waitFor(async () => {
      const made = await jobs();
      expect(made).toHaveLength(count);
      return made;
    }, until);
    const job = await service.client.finished(newest?.id ?? '');
    expect(job).toMatchObject({ state: 'completed', trigger: 'pushes' });
    expect(job.request.image).toBe(`docker-daemon:${registry.host}/team/app:v1`);
    const artifact = await service.client.artifact(job.id);
    return (await treeOfTar(Buffer.from(await artifact.arrayBuffer()))).get('etc/version')?.sha256;
  }

  test('what is pushed is flattened, and again when its tag is pushed anew', async () => {
    await push('one', 'team/app:v1');
    expect(await versionIn(1)).toBe(sha256('one'));
    await push('two', 'team/app:v1');
    expect(await versionIn(2)).toBe(sha256('two'));
  });

  test('what the trigger is not for makes no job, and is told', async () => {
    const before = await jobs();
    await push('other', 'others/app:v1');
    const { log } = await vi.waitFor(async () => {
      const response = await fetch(`${service.client.url}/v1/triggers/pushes`);
      const shown = (await response.json()) as { log: { push: { repository: string }; ignored?: string }[] };
      expect(shown.log[0]?.push.repository).toBe('others/app');
      return shown;
    }, until);
    expect(log[0]?.ignored).toMatch(/not for this repository/);
    expect(await jobs()).toEqual(before);
  });
});
