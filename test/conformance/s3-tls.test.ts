import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type S3Settings } from '@dimgx/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { selfSigned } from '../support/self-signed-certificate.ts';
import { type S3Fixture, s3Fixture } from '../support/stores/s3-fixture.ts';

needs('objectGateway')('an S3 server behind TLS', () => {
  const { signal } = new AbortController();
  let folder: string;
  let fixture: S3Fixture;
  let front: Server;
  let endpoint: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dimgx-tls-'));
    fixture = await s3Fixture();
    const { certificate, privateKey } = selfSigned();
    await writeFile(join(folder, 'ca.pem'), certificate);
    await writeFile(join(folder, 'other.pem'), selfSigned().certificate);
    await writeFile(join(folder, 'none.pem'), 'nothing');
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    front = createServer({ key, cert: certificate }, (incoming, outgoing) => {
      const { method, url, headers } = incoming;
      const passed = request(`${fixture.settings.endpoint}${url}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(passed);
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    endpoint = `https://127.0.0.1:${(front.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    front?.closeAllConnections();
    front?.close();
    await fixture?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function checked(more: Partial<S3Settings>): Promise<void> {
    const store = openStore(`s3://${fixture.bucket}/p`, { ...fixture.settings, endpoint, ...more });
    try {
      await store.check(signal);
      const bytes = Buffer.alloc(6 * 1024 * 1024, 'x');
      const upload = await store.upload('a.tar', { mediaType: 'application/x-tar', signal });
      await upload.write(bytes);
      await upload.complete();
      expect(await store.head('a.tar', signal)).toEqual({ key: 'a.tar', size: bytes.length });
    } finally {
      await store.close();
    }
  }

  test('is trusted by the authority that the setting names', async () => {
    await checked({ caFile: join(folder, 'ca.pem') });
  });

  test.each([
    ['no file', {}],
    ['the file of another authority', { caFile: 'other.pem' }],
  ])('is not trusted with %s', { timeout: 20_000 }, async (_which, { caFile }: { caFile?: string }) => {
    await expect(checked(caFile === undefined ? {} : { caFile: join(folder, caFile) })).rejects.toMatchObject(
      {
        code: 'STORE_UNREACHABLE',
        message: expect.stringMatching(
          /is not trusted \(\w*SELF_SIGNED\w*\); name its authority by S3_CA_FILE/,
        ),
      },
    );
  });

  test.each([
    ['missing.pem', /S3_CA_FILE .*missing.pem can't be read: no such file or directory$/],
    ['none.pem', /S3_CA_FILE .*none.pem holds no PEM/],
  ])('a file that is no such: %s', async (file, message) => {
    await expect(checked({ caFile: join(folder, file) })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
  });
});
