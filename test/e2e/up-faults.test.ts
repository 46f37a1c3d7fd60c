import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dimgx, fault } from '../support/command/dimgx.ts';
import { upFixture } from '../support/command/up-fixture.ts';
import { freePort } from '../support/parts/free-port.ts';

const given = upFixture();
const isRoot = process.getuid?.() === 0;

describe('dimgx up says what is wrong, and leaves nothing running', () => {
  test('a port that is in use', async () => {
    const server = createServer().listen(given.port, '127.0.0.1');
    await once(server, 'listening');
    const outcome = await given.up().outcome;
    server.close();
    expect(fault(outcome)).toMatch(
      new RegExp(`^dimgx: PORT_IN_USE: port ${given.port} of 127\\.0\\.0\\.1 is in use; `),
    );
    expect(outcome.code).toBe(2);
    expect(existsSync(given.data)).toBe(false);
  });

  test('a Redis that does not answer', async () => {
    const outcome = await given.up([], {
      env: { REDIS_URL: `redis://:geheim@127.0.0.1:${await freePort()}` },
    }).outcome;
    expect(fault(outcome)).toMatch(/^dimgx: REDIS_UNREACHABLE: /);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).not.toContain('geheim');
  });

  test('a store that does not answer', async () => {
    const env = {
      ...{ REDIS_URL: '', DIMGX_STORE: 's3://bucket', S3_ENDPOINT: `http://127.0.0.1:${await freePort()}` },
      ...{ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'geheim', AWS_REGION: 'us-east-1' },
    };
    const outcome = await given.up([], { env }).outcome;
    expect(fault(outcome)).toMatch(/^dimgx: STORE_UNREACHABLE: /);
    expect(outcome.stderr).not.toContain('geheim');
  });

  test('an address that everybody reaches, without a key', async () => {
    const outcome = await given.up(['--host', '0.0.0.0']).outcome;
    expect(fault(outcome)).toMatch(/^dimgx: CONFIG_INVALID: .*DIMGX_API_KEY/);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).not.toContain('redis');
    expect(existsSync(given.data)).toBe(false);
  });

  test('a data folder that is a file', async () => {
    await writeFile(given.data, '');
    const outcome = await given.up().outcome;
    expect(fault(outcome)).toMatch(
      new RegExp(`^dimgx: TARGET_UNWRITABLE: can't write the data folder ${given.data} `),
    );
  });

  test('a data folder where the system makes none', async () => {
    given.data = '/proc/dimgx';
    const outcome = await given.up().outcome;
    expect(fault(outcome)).toMatch(
      /^dimgx: TARGET_UNWRITABLE: can't write the data folder \/proc\/dimgx .*ENOENT/,
    );
  });

  test.runIf(isRoot)('a data folder of somebody else', async () => {
    await mkdir(given.data, { mode: 0o755 });
    const outcome = await given.up([], { uid: 65_534, gid: 65_534 }).outcome;
    expect(fault(outcome)).toMatch(/^dimgx: TARGET_UNWRITABLE: .*EACCES/);
  });

  test.runIf(isRoot)('a disk that is full', async () => {
    await mkdir(given.data);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', given.data]);
    await writeFile(join(given.data, 'filler'), Buffer.alloc(64 * 1024)).catch(() => {});
    const outcome = await given.up().outcome;
    expect(fault(outcome)).toMatch(/^dimgx: NO_SPACE: /);
    expect(outcome.code).toBe(2);
  });

  test.each([
    ['up', 'PORT_IN_USE'],
    ['worker', 'REDIS_UNREACHABLE'],
  ])('folders of images that are not there, as %s starts', async (command, code) => {
    const [missing, file] = [join(given.images, 'none'), join(given.images, 'file')];
    await writeFile(file, '');
    const server = createServer().listen(given.port, '127.0.0.1');
    await once(server, 'listening');
    const outcome = await dimgx([command], {
      env: {
        ...{
          DIMGX_FILE_SOURCES: [missing, given.images, file].join(':'),
          DIMGX_PORT: String(given.port),
          DIMGX_DATA: given.data,
        },
        ...{
          REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
          DIMGX_STORE: `file:${given.images}`,
          DIMGX_TMP: given.data,
        },
      },
    });
    server.close();
    expect(outcome.stderr).toMatch(
      `dimgx: warning: DIMGX_FILE_SOURCES: ${missing} is not there, ${file} is no folder; jobs can't read images from them\n`,
    );
    expect(outcome.stderr).toContain(`dimgx: ${code}: `);
  });

  test('settings, all at once', async () => {
    const outcome = await dimgx(['up', '--port', 'x', '--workers', '0'], {
      env: { DIMGX_LOG_LEVEL: 'loud', DIMGX_PROT: '1' },
    });
    expect(fault(outcome)).toMatch(
      /^dimgx: CONFIG_INVALID: DIMGX_LOG_LEVEL .*; DIMGX_PORT or --port .*; DIMGX_WORKERS /,
    );
    expect(outcome.stderr).toMatch(/^dimgx: warning: DIMGX_PROT is no setting; did you mean DIMGX_PORT\?\n/);
    expect(outcome.code).toBe(1);
  });
});
