import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type ApiSettings, startApi } from '@dimgx/api';
import { ApiKeys, connectRedis, type RedisSettings, serviceLog } from '@dimgx/queue';
import { startWorker, type WorkerSettings } from '@dimgx/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { freePort } from '../support/parts/free-port.ts';
import { needs } from '../support/parts/needs.ts';
import { sharedPart } from '../support/parts/shared-parts.ts';
import { quietLog, startService } from '../support/service/service-fixture.ts';

const folders = watchForLeaks();
const apiKey = 'a-key-that-nobody-may-see';

needs('redis')('the start of', () => {
  let common: { redis: RedisSettings; store: string };
  beforeAll(async () => {
    const { url } = await sharedPart('redis');
    const store = join(folders.own, 'store');
    await mkdir(store);
    await writeFile(join(folders.own, 'file'), '');
    common = { redis: { url }, store: `file:${store}` };
  });

  const bothRefuse: [situation: string, settings: () => Promise<object>, code: string, message: RegExp][] = [
    [
      'no Redis there',
      async () => ({ redis: { url: `redis://:hidden@127.0.0.1:${await freePort()}` } }),
      'REDIS_UNREACHABLE',
      /127\.0\.0\.1:\d+: .*ECONNREFUSED/,
    ],
    [
      'a Redis URL that is none',
      async () => ({ redis: { url: 'localhost' } }),
      'CONFIG_INVALID',
      /REDIS_URL/,
    ],
    ['a store that is none', async () => ({ store: 'ftp://x' }), 'CONFIG_INVALID', /file:DIR/],
    [
      'a store folder that is not there',
      async () => ({ store: `file:${folders.own}/none` }),
      'STORE_FAILED',
      /none does not exist \(make or mount it\)/,
    ],
    [
      'a store folder that is a file',
      async () => ({ store: `file:${folders.own}/file` }),
      'STORE_FAILED',
      /not a folder|file/,
    ],
  ];

  describe('the API is refused:', () => {
    const start = (settings: Partial<ApiSettings>) =>
      startApi({ host: '127.0.0.1', port: 0, ...common, log: quietLog, ...settings });

    test.each(bothRefuse)('%s', async (_situation, settings, code, message) => {
      const fault = await start(await settings()).catch((error: unknown) => error);
      expect(fault).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(String(fault)).not.toMatch(/hidden|\n/);
    });

    test('a port in use', async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as { port: number };
      await expect(start({ port })).rejects.toMatchObject({
        code: 'PORT_IN_USE',
        message: expect.stringContaining(String(port)),
      });
      other.close();
    });

    test.each([
      ['another address without a key', { host: '0.0.0.0' }, /DIMGX_API_KEY/],
      ['a short key', { apiKeys: ['short'] }, /16 characters/],
      ['a key with a blank in it', { apiKeys: ['a key with blanks in it'] }, /blank/],
      ['an address that is not ours', { host: '192.0.2.1', apiKeys: [apiKey] }, /192\.0\.2\.1/],
    ])('%s', async (_situation, settings, message) => {
      await expect(start(settings)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(message),
      });
    });
  });

  describe('a worker is refused:', () => {
    const start = (settings: Partial<WorkerSettings>) =>
      startWorker({ ...common, log: quietLog, ...settings });

    test.each(bothRefuse)('%s', async (_situation, settings, code, message) => {
      await expect(start(await settings())).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    });

    test.each([
      ['below a file', () => join(folders.own, 'file', 'spool'), 'not a directory'],
      ['where the system makes none', () => '/proc/dimgx', 'no such file or directory'],
    ])('a spool folder that can not be made: %s', async (_situation, folder, why) => {
      await expect(start({ spoolFolder: folder() })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(why),
      });
    });
  });

  test('the API, open on this machine, says so', async () => {
    const lines: string[] = [];
    const api = await startApi({ host: '127.0.0.1', port: 0, ...common, log: logTo(lines) });
    expect(lines.join('')).toContain('no API key is set');
    await api.close();
  });
});

needs('redis')('a service with keys', () => {
  test('logs its jobs with their ids and phases, and no secret', async () => {
    const lines: string[] = [];
    const log = logTo(lines);
    const folder = join(folders.own, randomUUID());
    const service = await startService({ folder, api: { apiKeys: [apiKey], log }, worker: false });
    const worker = await startWorker({ ...service.workerSettings, log });
    const path = join(service.images, 'a.tar');
    await writeArchive(dockerArchiveFiles({ layers: [layer().file('a')], tags: ['a:1'] }, 'docker-25'), path);
    const authorization = `Bearer ${apiKey}`;
    const accepted = await service.client.post({ image: `docker-archive:${path}` }, { authorization });
    const { id } = (await accepted.json()) as { id: string };
    const said = () => lines.map((line) => JSON.parse(line) as { job?: string; msg: string; phase?: string });
    await expect.poll(() => said().map(({ msg }) => msg), { timeout: 30_000 }).toContain('completed');
    const ofJob = said().filter(({ job }) => job === id);
    expect(ofJob.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining([
        'job accepted',
        'begun',
        expect.stringMatching(/^the image is sha256:/),
        'completed',
      ]),
    );
    expect(ofJob.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['flatten', 'upload']));
    await worker.close();
    await service.close();
    expect(lines.join('')).not.toContain(apiKey);
  });

  test('listens for others too, with a key that was made before and none configured', async () => {
    const folder = join(folders.own, randomUUID());
    const service = await startService({ folder, worker: false });
    const redis = await connectRedis(service.redis, 'producer', () => {});
    const { text } = await new ApiKeys(redis).create({ name: 'first', scopes: ['read'] });
    redis.disconnect();
    const settings = { ...service.workerSettings, host: '0.0.0.0', port: 0, log: quietLog };
    const reached = await startApi(settings);
    const jobs = reached.url.replace('0.0.0.0', '127.0.0.1');
    expect((await fetch(`${jobs}/v1/jobs`)).status).toBe(401);
    const headers = { authorization: `Bearer ${text}` };
    expect((await fetch(`${jobs}/v1/jobs`, { headers })).status).toBe(200);
    // The one that was open has closed.
    expect((await fetch(`${service.client.url}/v1/jobs`)).status).toBe(401);
    await reached.close();
    await service.close();
  });

  test('answers nothing of jobs without one', async () => {
    const service = await startService({
      folder: join(folders.own, randomUUID()),
      api: { apiKeys: [apiKey] },
      worker: false,
    });
    expect((await service.client.post({ image: 'a' })).status).toBe(401);
    expect((await fetch(`${service.client.url}/readyz`)).status).toBe(200);
    await service.close();
  });
});

needs('redis')('the HTTP of the service', () => {
  let service: Awaited<ReturnType<typeof startService>>;
  beforeAll(async () => {
    service = await startService({ folder: join(folders.own, randomUUID()), worker: false });
  });
  afterAll(() => service?.close());

  /** What the server says to bytes that are sent as they are. */
  async function answerTo(bytes: string): Promise<string> {
    const socket = connect(Number(new URL(service.client.url).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.write(bytes);
    await once(socket, 'close');
    return answer;
  }

  test.each([
    ['what is no HTTP', 'nonsense\r\n\r\n', 400],
    [
      'headers without end',
      `GET /livez HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`,
      431,
    ],
  ])('answers %s with a problem', async (_situation, bytes, status) => {
    const answer = await answerTo(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain('application/problem+json');
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ status, code: 'REQUEST_INVALID' });
  });

  test('a closing API answers who waits and takes nobody new', async () => {
    const { redis, store } = service.workerSettings;
    const api = await startApi({ host: '127.0.0.1', port: 0, redis, store, log: quietLog });
    const body = '{"image":"debian:12"}';
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1').setEncoding('utf8');
    // The server says that it waits for the body.
    const head = ['host: localhost', 'content-type: application/json', `content-length: ${body.length}`];
    socket.write(['POST /v1/jobs HTTP/1.1', ...head, 'expect: 100-continue', '', ''].join('\r\n'));
    expect(await once(socket, 'data')).toEqual([expect.stringContaining('100 Continue')]);
    const closing = api.close();
    await expect(fetch(`${api.url}/livez`)).rejects.toThrow();
    socket.write(body);
    expect(await once(socket, 'data')).toEqual([expect.stringMatching(/^HTTP\/1\.1 202 /)]);
    await closing;
    await api.close();
  });
});

function logTo(lines: string[]) {
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(
        ...chunk
          .toString()
          .split('\n')
          .filter((line) => line !== ''),
      );
      done();
    },
  });
  return serviceLog('test', 'info', destination);
}
