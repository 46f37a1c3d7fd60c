import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dimgx, fault, killRemaining, type RunningCommand, startDimgx } from '../support/command/dimgx.ts';
import { allGone, childLike, childrenOf } from '../support/command/processes.ts';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { freePort } from '../support/parts/free-port.ts';
import { unmountBelow } from '../support/parts/mounts.ts';
import { needs } from '../support/parts/needs.ts';
import { ServiceClient } from '../support/service/service-client.ts';

const folders = watchForLeaks();
const patient = { timeout: 60_000, interval: 20 };
const isRoot = process.getuid?.() === 0;

let data: string;
let images: string;
let port: number;

beforeEach(async () => {
  const folder = await mkdtemp(join(folders.own, 'up-'));
  data = join(folder, 'data');
  images = join(folder, 'images');
  // Also for those tests that run it as somebody else.
  await chmod(folder, 0o755);
  await mkdir(images);
  port = await freePort();
});

afterEach(async () => {
  killRemaining();
  await unmountBelow(folders.own);
});

function up(args: readonly string[] = [], options: Parameters<typeof startDimgx>[1] = {}): RunningCommand {
  const env = { DIMGX_FILE_SOURCES: images, ...options.env };
  return startDimgx(['up', '--port', String(port), '--data', data, ...args], { ...options, env });
}

async function printed(run: RunningCommand, text: string | RegExp): Promise<void> {
  const ended = run.outcome.then(({ code, stderr }) =>
    Promise.reject(new Error(`ended with ${code}: ${stderr}`)),
  );
  ended.catch(() => {});
  await Promise.race([expect.poll(run.printed, patient).toMatch(text), ended]);
}

async function started(args: readonly string[] = [], options = {}): Promise<RunningCommand> {
  const run = up(args, options);
  await printed(run, 'dimgx serves at');
  return run;
}

function client(): ServiceClient {
  return new ServiceClient(`http://127.0.0.1:${port}`);
}

/** An image that the service may read; the more megabytes, the longer it takes. */
async function image(name: string, megabytes = 0): Promise<string> {
  const path = join(images, `${name}.tar`);
  const content = Buffer.alloc(
    megabytes * 1024 * 1024,
    'All work and no play makes Jack a dull boy. 0123456789abcdef',
  );
  await writeFile(
    path,
    dockerArchive({ layers: [layer().file('f', content)], tags: [`${name}:1`] }, 'docker-25'),
  );
  return `docker-archive:${path}`;
}

needs('redis')('dimgx up', () => {
  test('runs the service, takes what it prints as a first request, and ends in order', async () => {
    const run = await started(['--workers', '2']);
    const stages = ['redis +ready', 'api +ready', 'worker-1 +ready', 'worker-2 +ready'];
    for (const stage of stages) expect(run.printed()).toMatch(new RegExp(stage));

    const [curl = ''] = /^ {2}curl .*$/m.exec(run.printed()) ?? [];
    const { stdout } = await promisify(execFile)('sh', ['-c', curl]);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'queued', kind: 'flatten' });

    const { job, report } = await client().flattened({ image: await image('one') });
    const artifact = await client().artifact(job.id);
    expect(Buffer.from(await artifact.arrayBuffer())).toHaveLength(report.artifact.size);

    const parts = childrenOf(run.child.pid);
    expect(parts).toHaveLength(4);
    run.child.kill('SIGINT');
    const { code, stdout: told, stderr } = await run.outcome;
    expect(code, stderr).toBe(0);
    expect(told.toString()).toContain(`http://127.0.0.1:${port}/docs/.`);
    expect(stderr).toMatch(/up +stopped\n$/);
    await allGone(parts);
    expect((await readdir(data)).sort()).toEqual(['artifacts', 'logs', 'redis', 'tmp']);
    expect((await readdir(join(data, 'logs'))).sort()).toEqual([
      'api.log',
      'redis.log',
      'worker-1.log',
      'worker-2.log',
    ]);
  });

  test('holds images to the limits that its environment sets', async () => {
    const run = await started([], { env: { DIMGX_LIMITS: 'entries=1' } });
    const small = await image('small');
    expect(await client().flattened({ image: small })).toMatchObject({ job: { state: 'completed' } });
    const large = join(images, 'large.tar');
    const layers = [layer().file('a').file('b')];
    await writeFile(large, dockerArchive({ layers, tags: ['large:1'] }, 'docker-25'));
    const { id } = await client().submit({ image: `docker-archive:${large}` });
    const { state, error, attempts } = await client().finished(id);
    expect({ state, code: error?.code, attempts }).toEqual({
      ...{ state: 'failed', code: 'LIMIT_EXCEEDED', attempts: 1 },
    });
    expect(error?.message).toMatch(/"b" .*: the limit entries is 1; --limits or DIMGX_LIMITS raises it/);
    run.child.kill('SIGINT');
    await run.outcome;
  });

  test('finds again what it did before', async () => {
    const first = await started();
    const { job } = await client().flattened({ image: await image('one') });
    first.child.kill('SIGTERM');
    expect(await first.outcome).toMatchObject({ code: 0 });
    const second = await started();
    expect(await client().job(job.id)).toMatchObject({ id: job.id, state: 'completed' });
    const again = await client().flattened({ image: await image('one') });
    expect(again.report.cached).toBe(true);
    second.child.kill('SIGTERM');
    await second.outcome;
  });

  test('names the key in its first request once there is one', async () => {
    const first = await started();
    expect(first.printed()).toMatch(/^ {2}curl (?!.*authorization)/m);
    const made = await fetch(`http://127.0.0.1:${port}/v1/keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'first', scopes: ['admin'] }),
    });
    const { key } = (await made.json()) as { key: string };
    first.child.kill('SIGTERM');
    await first.outcome;
    const second = await started();
    const [curl = ''] = /^ {2}curl .*$/m.exec(second.printed()) ?? [];
    const env = { ...process.env, DIMGX_TOKEN: key };
    const { stdout } = await promisify(execFile)('sh', ['-c', curl], { env });
    expect(JSON.parse(stdout)).toMatchObject({ state: 'queued' });
    second.child.kill('SIGTERM');
    await second.outcome;
  });

  test('lets a running job end before it stops', async () => {
    const run = await started();
    const { id } = await client().submit({
      image: await image('large', 40),
      compression: { algorithm: 'gzip' },
    });
    await client().until(id, ({ state }) => state === 'active');
    run.child.kill('SIGINT');
    expect(await run.outcome).toMatchObject({ code: 0 });
    const next = await started();
    expect(await client().job(id)).toMatchObject({ state: 'completed', attempts: 1 });
    next.child.kill('SIGINT');
    await next.outcome;
  });

  test('stops at once when it is told so again', async () => {
    const run = await started();
    const worker = childLike(run.child.pid, / worker$/);
    // A worker that can't end.
    process.kill(worker.pid, 'SIGSTOP');
    const parts = childrenOf(run.child.pid);
    run.child.kill('SIGINT');
    await printed(run, 'Ctrl-C once more stops at once');
    run.child.kill('SIGINT');
    expect(await run.outcome).toMatchObject({ code: 130 });
    await allGone(parts);
  });

  test('takes its parts with it when it is killed, and starts again on what is left', async () => {
    const run = await started(['--workers', '2']);
    const { job } = await client().flattened({ image: await image('one') });
    const parts = childrenOf(run.child.pid);
    expect(parts).toHaveLength(4);
    run.child.kill('SIGKILL');
    expect(await run.outcome).toMatchObject({ code: 'SIGKILL' });
    // Without a pause: what is still ending is waited for.
    const next = await started();
    await allGone(parts);
    expect(await client().job(job.id)).toMatchObject({ state: 'completed' });
    next.child.kill('SIGINT');
    await next.outcome;
  });

  test.each([
    ['a worker', / worker$/, 'worker-1'],
    ['the API', / api$/, 'api'],
    ['Redis', /redis-server/, 'redis'],
  ])('starts %s again when it dies', async (_part, command, name) => {
    const run = await started();
    const { job } = await client().flattened({ image: await image('one') });
    const part = childLike(run.child.pid, command);
    process.kill(part.pid, 'SIGKILL');
    await printed(
      run,
      new RegExp(`^${name} +ended by SIGKILL; starting it again in 500 ms, see ${data}`, 'm'),
    );
    await printed(run, new RegExp(`^${name} +ready .*, again$`, 'm'));
    // Its promise stands: what it knew before it knows still, and it works on.
    expect(await client().job(job.id)).toMatchObject({ state: 'completed' });
    await client().flattened({ image: await image('two') });
    run.child.kill('SIGINT');
    expect(await run.outcome).toMatchObject({ code: 0 });
  });

  test('refuses a data folder that another one has', async () => {
    const first = await started();
    port = await freePort();
    const second = await up().outcome;
    expect(fault(second)).toMatch(
      new RegExp(
        `^dimgx: CONFIG_INVALID: another dimgx up, process ${first.child.pid}, has the data folder ${data}: `,
      ),
    );
    expect(second.code).toBe(1);
    first.child.kill('SIGINT');
    await first.outcome;
  });

  test('works on a Redis that is named, and stops nothing of it', async () => {
    const first = await started();
    const redis = childLike(first.child.pid, /redis-server/);
    const [, redisPort] = /redis +ready on 127\.0\.0\.1:(\d+)/.exec(first.printed()) ?? [];
    const password = await passwordOf(childLike(first.child.pid, / api$/).pid);
    port = await freePort();
    const env = {
      REDIS_URL: `redis://:${password}@127.0.0.1:${redisPort}`,
      DIMGX_STORE: `file:${join(data, 'artifacts')}`,
    };
    data = join(data, 'other');
    const second = await started([], { env });
    expect(childrenOf(second.child.pid)).toHaveLength(2);
    second.child.kill('SIGINT');
    expect(await second.outcome).toMatchObject({ code: 0 });
    expect(second.printed()).not.toContain(password);
    expect(childrenOf(first.child.pid)).toContainEqual(redis);
    first.child.kill('SIGINT');
    await first.outcome;
  });

  test.runIf(isRoot)('needs no root', async () => {
    await mkdir(data);
    await chown(data, 65_534, 65_534);
    await chmod(folders.temporary, 0o1777);
    const run = await started([], { uid: 65_534, gid: 65_534 });
    await client().flattened({ image: await image('one') });
    run.child.kill('SIGINT');
    expect(await run.outcome).toMatchObject({ code: 0 });
  });
});

/** Of the private Redis: its parts get it by their environment, which nobody else can read. */
async function passwordOf(pid: number): Promise<string> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
  return /REDIS_URL=redis:\/\/:(\w+)@/.exec(environment)?.[1] ?? '';
}

describe('dimgx up says what is wrong, and leaves nothing running', () => {
  test('a port that is in use', async () => {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    const outcome = await up().outcome;
    server.close();
    expect(fault(outcome)).toMatch(
      new RegExp(`^dimgx: PORT_IN_USE: port ${port} of 127\\.0\\.0\\.1 is in use; `),
    );
    expect(outcome.code).toBe(2);
    expect(existsSync(data)).toBe(false);
  });

  test('a Redis that does not answer', async () => {
    const outcome = await up([], { env: { REDIS_URL: `redis://:geheim@127.0.0.1:${await freePort()}` } })
      .outcome;
    expect(fault(outcome)).toMatch(/^dimgx: REDIS_UNREACHABLE: /);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).not.toContain('geheim');
  });

  test('a store that does not answer', async () => {
    const env = {
      ...{ REDIS_URL: '', DIMGX_STORE: 's3://bucket', S3_ENDPOINT: `http://127.0.0.1:${await freePort()}` },
      ...{ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'geheim', AWS_REGION: 'us-east-1' },
    };
    const outcome = await up([], { env }).outcome;
    expect(fault(outcome)).toMatch(/^dimgx: STORE_UNREACHABLE: /);
    expect(outcome.stderr).not.toContain('geheim');
  });

  test('an address that everybody reaches, without a key', async () => {
    const outcome = await up(['--host', '0.0.0.0']).outcome;
    expect(fault(outcome)).toMatch(/^dimgx: CONFIG_INVALID: .*DIMGX_API_KEY/);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).not.toContain('redis');
    expect(existsSync(data)).toBe(false);
  });

  test('a data folder that is a file', async () => {
    await writeFile(data, '');
    const outcome = await up().outcome;
    expect(fault(outcome)).toMatch(
      new RegExp(`^dimgx: TARGET_UNWRITABLE: can't write the data folder ${data} `),
    );
  });

  test('a data folder where the system makes none', async () => {
    data = '/proc/dimgx';
    const outcome = await up().outcome;
    expect(fault(outcome)).toMatch(
      /^dimgx: TARGET_UNWRITABLE: can't write the data folder \/proc\/dimgx .*ENOENT/,
    );
  });

  test.runIf(isRoot)('a data folder of somebody else', async () => {
    await mkdir(data, { mode: 0o755 });
    const outcome = await up([], { uid: 65_534, gid: 65_534 }).outcome;
    expect(fault(outcome)).toMatch(/^dimgx: TARGET_UNWRITABLE: .*EACCES/);
  });

  test.runIf(isRoot)('a disk that is full', async () => {
    await mkdir(data);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', data]);
    await writeFile(join(data, 'filler'), Buffer.alloc(64 * 1024)).catch(() => {});
    const outcome = await up().outcome;
    expect(fault(outcome)).toMatch(/^dimgx: NO_SPACE: /);
    expect(outcome.code).toBe(2);
  });

  test.each([
    ['up', 'PORT_IN_USE'],
    ['worker', 'REDIS_UNREACHABLE'],
  ])('folders of images that are not there, as %s starts', async (command, code) => {
    const [missing, file] = [join(images, 'none'), join(images, 'file')];
    await writeFile(file, '');
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    const outcome = await dimgx([command], {
      env: {
        ...{
          DIMGX_FILE_SOURCES: [missing, images, file].join(':'),
          DIMGX_PORT: String(port),
          DIMGX_DATA: data,
        },
        ...{
          REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
          DIMGX_STORE: `file:${images}`,
          DIMGX_TMP: data,
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
