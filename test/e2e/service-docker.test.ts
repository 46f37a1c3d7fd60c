import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { EngineClient } from '../support/images/engine-client.ts';
import { layer } from '../support/images/layer.ts';
import { copiedBySkopeo, unpackedByUmoci } from '../support/judges/umoci.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { sharedPart } from '../support/parts/shared-parts.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';
import { type S3Fixture, s3Fixture } from '../support/stores/s3-fixture.ts';
import { compareTrees } from '../support/tree/compare-trees.ts';
import { treeOfTar } from '../support/tree/tar-tree.ts';

const folders = watchForLeaks();
const reference = `dimgx-test/service-${randomUUID()}:1`;

const base = layer()
  .directory('etc', { mtime: 1_600_000_000 })
  .file('etc/motd', 'old')
  .file('etc/shadow', 'x', { mode: 0o600 })
  .directory('bin')
  .file('bin/su', 'su', { mode: 0o4755, xattrs: { 'user.note': 'kept' } })
  .hardlink('bin/sudo', 'bin/su')
  .symlink('sbin', 'bin')
  .directory('var/cache')
  .file('var/cache/old', 'old');
const next = layer().whiteout('etc/shadow').opaque('var/cache').file('var/cache/new', 'new');
const top = layer()
  .file('etc/motd', 'new')
  .file(`etc/${'long-'.repeat(40)}name`);

needs(
  'redis',
  'docker',
  'objectGateway',
  'skopeo',
  'umoci',
)('the whole road, with a Docker engine and S3', () => {
  let docker: { host: string; socketPath: string };
  let bucket: S3Fixture;
  let service: Service;

  beforeAll(async () => {
    docker = await sharedPart('docker');
    bucket = await s3Fixture();
    const engine = new EngineClient(docker.socketPath);
    await engine.load(dockerArchive({ layers: [base, next, top], tags: [reference] }, 'docker-1.10'));
    const store = { store: bucket.open().location, s3: bucket.settings };
    service = await startService({
      folder: folders.own,
      api: store,
      worker: { ...store, dockerHost: docker.host },
    });
  });
  afterAll(async () => {
    await service?.close();
    await new EngineClient(docker.socketPath).remove(reference);
    await bucket?.remove();
  });

  test('the artifact has the tree that umoci unpacks', async () => {
    const { job, report } = await service.client.flattened({ image: `docker-daemon:${reference}` });
    expect(report).toMatchObject({ image: { repoTags: [reference] }, cached: false });
    const redirect = await service.client.artifact(job.id, { redirect: 'manual' });
    expect(redirect.status).toBe(302);
    const download = await fetch(redirect.headers.get('location') ?? '');
    expect(download.headers.get('content-disposition')).toMatch(/service-.*\.tar\.zst/);
    const ours = await treeOfTar(Buffer.from(await download.arrayBuffer()));
    expect(ours.problems).toEqual([]);

    const layout = join(folders.own, 'layout');
    mkdirSync(layout);
    await copiedBySkopeo(`docker-daemon:${reference}`, layout, docker.host);
    const { tree, since } = await unpackedByUmoci(layout, 'image', join(folders.own, 'unpacked'));
    expect(compareTrees(ours, tree, { extractedSince: since })).toEqual([]);
    expect(await bucket.keys()).toEqual([report.artifact.key, `${report.artifact.key}.json`]);
    expect(await bucket.unfinished()).toEqual([]);
    expect(await readdir(service.spoolFolder)).toEqual([]);
  });

  test('the same image once more is found in the store', async () => {
    const { report } = await service.client.flattened({ image: `docker-daemon:${reference}` });
    expect(report.cached).toBe(true);
  });

  test('an image that the engine has not is not there', async () => {
    const image = 'docker-daemon:dimgx-test/nobody-has-this:1';
    const { id } = await service.client.submit({ image, pull: 'never' });
    expect(await service.client.finished(id)).toMatchObject({
      state: 'failed',
      attempts: 1,
      error: { code: 'IMAGE_NOT_FOUND', retryable: false },
    });
  });

  test('both are ready', async () => {
    const ready = await fetch(`${service.client.url}/readyz`);
    expect(await ready.json()).toEqual({
      status: 'ok',
      parts: { redis: { ready: true }, store: { ready: true } },
    });
  });
});
