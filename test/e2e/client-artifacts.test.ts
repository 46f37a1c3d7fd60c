import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { DimgxClient } from '@dimgx/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';
import { type FaultProxy, startFaultProxy } from '../support/stores/fault-proxy.ts';
import { type S3Fixture, s3Fixture } from '../support/stores/s3-fixture.ts';

const folders = watchForLeaks();
const apiKey = 'a-key-of-the-client-tests';

needs('redis', 'objectGateway')('the client, with artifacts in S3', () => {
  let bucket: S3Fixture;
  let proxy: FaultProxy;
  let service: Service;
  let dimgx: DimgxClient;
  let job: string;

  beforeAll(async () => {
    bucket = await s3Fixture();
    proxy = await startFaultProxy(bucket.settings.endpoint);
    const store = { store: bucket.open().location, s3: { ...bucket.settings, endpoint: proxy.endpoint } };
    service = await startService({
      folder: folders.own,
      api: { ...store, apiKeys: [apiKey] },
      worker: store,
    });
    dimgx = new DimgxClient({ url: service.api.url, token: apiKey });
    const image = join(service.images, 'large.tar');
    const large = layer().file('large', randomBytes(3_000_000));
    await writeArchive(dockerArchiveFiles({ layers: [large], tags: ['large:1'] }, 'docker-25'), image);
    const { id } = await dimgx.jobs.submit({ image: `docker-archive:${image}` });
    job = (await dimgx.jobs.wait(id)).id;
  });
  afterAll(async () => {
    await service?.close();
    await proxy?.close();
    await bucket?.remove();
  });

  test('follows the redirect, and on from where the connection broke off', async () => {
    proxy.decide = (operation, nth) =>
      operation === 'GET object' && nth === 1 ? { kind: 'cut-answer', afterBytes: 1_000_000 } : undefined;
    const { body, size, sha256 } = await dimgx.jobs.artifact(job);
    const bytes = await buffer(body);
    expect(bytes).toHaveLength(size);
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(sha256);
    expect(proxy.seen.filter((operation) => operation === 'GET object')).toHaveLength(2);
  });

  test('gets a part, and is told that there is none behind the end', async () => {
    const whole = await buffer((await dimgx.jobs.artifact(job)).body);
    const { body, length } = await dimgx.jobs.artifact(job, { start: 10, end: 29 });
    expect(length).toBe(20);
    expect(await buffer(body)).toEqual(whole.subarray(10, 30));
    await expect(dimgx.jobs.artifact(job, { start: whole.length })).rejects.toMatchObject({
      code: 'RANGE_NOT_SATISFIABLE',
    });
  });

  test('sees what the store holds', async () => {
    const found = await Array.fromAsync(dimgx.artifacts.list({ limit: 1 }));
    const { sha256 } = await dimgx.jobs.artifact(job).then(async ({ body, ...artifact }) => {
      await body.cancel();
      return artifact;
    });
    expect(found.map(({ artifact }) => artifact.sha256)).toEqual([sha256]);
  });
});
