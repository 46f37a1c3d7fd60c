import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askRedis, connectRedis, type RedisSettings } from '@dimgx/queue';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { dimgx, fault, killRemaining } from '../support/command/dimgx.ts';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { type RedisOptions, type RedisServer, startRedis, writeIdentity } from '../support/parts/redis.ts';
import { selfSigned } from '../support/self-signed-certificate.ts';
import { startServiceOn } from '../support/service/service-fixture.ts';

const folders = watchForLeaks();
const password = 'hidden/+%@:';
const written = 'hidden/+%25@:';
/** What docs/operations.md gives to a user of dimgx. */
const user = 'user dimgx on >hidden ~{dimgx}:* &{dimgx}:* +@all -@dangerous +info'.split(' ');

needs('redis')('Redis with', () => {
  const servers: RedisServer[] = [];
  let plain: RedisServer;
  let guarded: RedisServer;
  let encrypted: RedisServer;
  let certified: RedisServer;
  let certificateFile: string;
  let keyFile: string;
  let strangerFile: string;

  async function start(options: RedisOptions): Promise<RedisServer> {
    const server = await startRedis(join(folders.own, randomUUID()), options);
    servers.push(server);
    return server;
  }

  beforeAll(async () => {
    const tls = selfSigned();
    const folder = join(folders.own, 'client');
    await mkdir(folder);
    await writeIdentity(folder, tls);
    certificateFile = join(folder, 'certificate.pem');
    keyFile = join(folder, 'key.pem');
    strangerFile = join(folder, 'stranger.pem');
    await writeFile(strangerFile, selfSigned().certificate);
    plain = await start({ args: ['--user', ...user.slice(1)] });
    guarded = await start({ password });
    encrypted = await start({ tls });
    certified = await start({ tls, certifiedClients: true, password: 'hidden' });
  });
  afterAll(() => Promise.all(servers.map((server) => server.stop())));
  afterEach(killRemaining);

  const ways: [way: string, settings: () => RedisSettings][] = [
    ['a password', () => ({ url: `redis://:${written}@127.0.0.1:${guarded.port}` })],
    [
      'a user that may touch no keys but ours',
      () => ({ url: `redis://dimgx:hidden@127.0.0.1:${plain.port}` }),
    ],
    ['TLS', () => encrypted],
    [
      'TLS and certificates of both sides',
      () => ({ url: certified.url, caFile: certificateFile, certificateFile, keyFile }),
    ],
  ];

  test.each(ways)('%s: a job goes all its way', async (_way, settings) => {
    const service = await startServiceOn(settings(), { folder: join(folders.own, randomUUID()) });
    try {
      const path = join(service.images, 'image.tar');
      await writeArchive(
        dockerArchiveFiles({ layers: [layer().file('a', 'a')], tags: ['a:1'] }, 'docker-25'),
        path,
      );
      await service.client.flattened({ image: `docker-archive:${path}` });
      const ready = await fetch(`${service.api.url}/readyz`);
      expect(ready.status).toBe(200);
      expect(await ready.text()).not.toContain('hidden');
    } finally {
      await service.close();
    }
  });

  const refusals: [situation: string, settings: () => RedisSettings, code: string, message: RegExp][] = [
    [
      'no password',
      () => ({ url: `redis://127.0.0.1:${guarded.port}` }),
      'REDIS_UNREACHABLE',
      /: it asks for a password: put it into REDIS_URL, as in redis:\/\/:PASSWORD@HOST:PORT$/,
    ],
    [
      'a wrong password',
      () => ({ url: `redis://:hidden@127.0.0.1:${guarded.port}` }),
      'REDIS_UNREACHABLE',
      /: it does not take the user name or password of REDIS_URL$/,
    ],
    [
      'a wrong user',
      () => ({ url: `redis://nobody:hidden@127.0.0.1:${plain.port}` }),
      'REDIS_UNREACHABLE',
      /: it does not take the user name or password of REDIS_URL$/,
    ],
    [
      'a database that is not there',
      () => ({ url: `redis://:${written}@127.0.0.1:${guarded.port}/99` }),
      'REDIS_UNREACHABLE',
      /: it has no database of that number; see REDIS_URL$/,
    ],
    [
      'a certificate of nobody we know',
      () => ({ url: encrypted.url }),
      'REDIS_UNREACHABLE',
      /signed its certificate; set REDIS_CA_FILE \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
    ],
    [
      'a certificate of somebody else',
      () => ({ url: encrypted.url, caFile: strangerFile }),
      'REDIS_UNREACHABLE',
      /set REDIS_CA_FILE/,
    ],
    [
      'a certificate for another name',
      () => ({ ...encrypted, url: `rediss://:hidden@localhost:${encrypted.port}` }),
      'REDIS_UNREACHABLE',
      /localhost:\d+: .*altnames/,
    ],
    [
      'no certificate of ours',
      () => ({ ...encrypted, url: certified.url }),
      'REDIS_UNREACHABLE',
      /set REDIS_CERT_FILE and REDIS_KEY_FILE/,
    ],
    [
      'TLS to a port without',
      () => ({ ...encrypted, url: `rediss://:hidden@127.0.0.1:${plain.port}` }),
      'REDIS_UNREACHABLE',
      /speaks no TLS there/,
    ],
    [
      'TLS to a port without, that wants a password',
      () => ({ ...encrypted, url: `rediss://127.0.0.1:${guarded.port}` }),
      'REDIS_UNREACHABLE',
      /speaks no TLS there/,
    ],
    [
      'no TLS to a port with',
      () => ({ url: `redis://:hidden@127.0.0.1:${encrypted.port}` }),
      'REDIS_UNREACHABLE',
      /must begin with rediss/,
    ],
    [
      'a CA file that is not there',
      () => ({ url: encrypted.url, caFile: '/none' }),
      'CONFIG_INVALID',
      /REDIS_CA_FILE \/none can't be read: no such file or directory$/,
    ],
    [
      'a CA file that is none',
      () => ({ url: encrypted.url, caFile: import.meta.filename }),
      'CONFIG_INVALID',
      /holds no PEM/,
    ],
    [
      'another form: a single one as a cluster',
      () => ({ url: `redis+cluster://127.0.0.1:${encrypted.port}` }),
      'REDIS_UNREACHABLE',
      /must begin with rediss/,
    ],
    [
      'another form: no cluster',
      () => ({ url: `redis+cluster://dimgx:hidden@127.0.0.1:${plain.port}` }),
      'REDIS_UNREACHABLE',
      /no node of a cluster, so REDIS_URL must begin with redis:/,
    ],
  ];

  test.each(refusals)('%s is told in a line', async (_situation, settings, code, message) => {
    const given = settings();
    const refused = await connectRedis(given, 'producer', () => {}).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(String(refused)).not.toMatch(/hidden|\n/);
  });

  test('another password than before is told as that', async () => {
    const server = await start({});
    const redis = await connectRedis(server, 'producer', () => {});
    await redis.config('SET', 'requirepass', 'hidden');
    redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'no').catch(() => {});
    const told = () => askRedis(redis).catch(String);
    await expect.poll(told).toContain('Redis can not serve now: it asks for a password');
    redis.disconnect();
  });

  test('fewer databases than before: nothing goes to another one', async () => {
    const args: string[] = [];
    const server = await start({ args });
    const heard: Error[] = [];
    const redis = await connectRedis({ url: `${server.url}/5` }, 'worker', (error) => heard.push(error));
    // As BullMQ does.
    if (!(redis instanceof Redis)) throw new Error('not a cluster');
    const another = redis.duplicate();
    await another.connect();
    await server.stop();
    args.push('--databases', '1');
    await server.restart();
    const waiting = Promise.all([redis, another].map((each) => each.rpush('{dimgx}:of-database-5', 'x')));
    await expect.poll(() => heard.map(String).join('\n')).toContain('it has no database of that number');
    const other = await connectRedis(server, 'producer', () => {});
    expect(await other.dbsize()).toBe(0);
    other.disconnect();
    args.splice(0);
    await server.stop();
    await server.restart();
    await waiting;
    expect(await redis.llen('{dimgx}:of-database-5')).toBe(2);
    for (const each of [redis, another]) each.disconnect();
  });

  const keys = (env: Record<string, string>) => dimgx(['keys', 'list'], { cwd: folders.own, env });

  test("an authority that only this system trusts, or Node's variable names, is trusted", async () => {
    for (const variable of ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS']) {
      const outcome = await keys({ REDIS_URL: encrypted.url, [variable]: certificateFile });
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
    }
  });

  test('the settings of the command', async () => {
    const env = { REDIS_URL: certified.url, REDIS_CA_FILE: certificateFile };
    const whole = { ...env, REDIS_CERT_FILE: certificateFile, REDIS_KEY_FILE: keyFile };
    expect(await keys(whole)).toMatchObject({ code: 0, stderr: '' });
    expect(fault(await keys(env))).toMatch(/^dimgx: REDIS_UNREACHABLE: .* set REDIS_CERT_FILE/);
    expect(fault(await keys({ ...env, REDIS_CERT_FILE: certificateFile }))).toMatch(
      /^dimgx: CONFIG_INVALID: REDIS_KEY_FILE must be set too/,
    );
  });
});
