import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { dimgx, fault, killRemaining, type Outcome, startDimgx } from '../support/command/dimgx.ts';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { freePort } from '../support/parts/free-port.ts';
import { needs } from '../support/parts/needs.ts';
import { ServiceClient } from '../support/service/service-client.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';

const folders = watchForLeaks();
const key = 'a-key-of-the-client-tests';
const unknownJob = '0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de';

needs('redis')('the client commands', () => {
  let service: Service;
  let api: ServiceClient;
  let folder: string;
  let image: string;

  beforeAll(async () => {
    const worker = { dockerHost: `unix://${join(folders.own, 'no-engine.sock')}` };
    // So long that whoever waits for a job hears of its first try, too.
    const retry = { attempts: 3, backoffMilliseconds: 300 };
    service = await startService({ folder: folders.own, api: { apiKeys: [key], retry }, worker });
    api = new ServiceClient(service.api.url, key);
    image = join(service.images, 'one.tar');
    const layers = [layer().file('a', 'one'), layer().file('b', 'two')];
    await writeArchive(dockerArchiveFiles({ layers, tags: ['one:1'] }, 'docker-25'), image);
  });
  afterAll(() => service?.close());

  beforeEach(async () => {
    folder = await mkdtemp(join(folders.own, 'client-'));
    await chmod(folder, 0o755);
  });
  afterEach(killRemaining);

  function client(...args: string[]): Promise<Outcome> {
    return dimgx(args, { cwd: folder, env: { DIMGX_URL: service.api.url, DIMGX_TOKEN: key } });
  }

  async function submitted(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await client('submit', `docker-archive:${image}`, '--wait', ...args);
    const id = stdout.toString().split(' ')[0] ?? '';
    expect({ code, stderr }).toEqual({ code: 0, stderr: `job ${id} submitted: docker-archive:${image}\n` });
    return id;
  }

  test('submit, status and download bring an image in and its artifact back', async () => {
    const id = await submitted('--compression', 'gzip');
    expect((await client('status', id)).stdout.toString()).toBe(`${id} completed\n`);
    const job = JSON.parse((await client('status', id, '--json')).stdout.toString());
    expect(job).toMatchObject({ id, request: { compression: { algorithm: 'gzip' } } });

    const { code, stdout } = await client('download', id);
    expect({ code, told: stdout.toString() }).toEqual({ code: 0, told: `${id}.tar.gz\n` });
    const bytes = await readFile(join(folder, `${id}.tar.gz`));
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(job.result.artifact.sha256);
    const streamed = await client('download', id, '-o', '-');
    expect(streamed.stdout.equals(bytes)).toBe(true);
  });

  test('submit takes several images, and gives a line each', async () => {
    const { code, stdout, stderr } = await client(
      'submit',
      `docker-archive:${image}`,
      `docker-archive:${image}`,
      '--json',
    );
    const jobs = stdout
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code, stderr).toBe(0);
    expect(jobs).toMatchObject([{ state: 'queued' }, { state: 'queued' }]);
  });

  /** A job that no worker takes. */
  async function waiting(): Promise<string> {
    return (await api.submit({ image: `docker-archive:${image}`, pool: 'nobody' })).id;
  }

  test('cancel stops a job that no worker has taken, and is harmless again', async () => {
    const id = await waiting();
    for (let time = 0; time < 2; time++) {
      const { code, stdout } = await client('cancel', id);
      expect({ code, told: stdout.toString() }).toEqual({ code: 0, told: `${id} cancelled\n` });
    }
    expect((await api.job(id)).state).toBe('cancelled');
  });

  test('retry has a job done again that has ended, and list shows it', async () => {
    const id = await waiting();
    expect(fault(await client('retry', id))).toMatch(/^dimgx: JOB_NOT_FINISHED: /);
    await api.cancel(id);
    const again = (await client('retry', id)).stdout.toString().trim();
    expect(await api.job(again)).toMatchObject({ state: 'queued', retryOf: id });
    const { stdout, stderr } = await client(
      'list',
      '--state',
      'queued',
      '--image',
      `docker-archive:${image}`,
    );
    const lines = stdout.toString().trimEnd().split('\n');
    expect(lines[0]).toMatch(/^ID +STATE +CREATED +IMAGE$/);
    expect(lines[1], stderr).toMatch(new RegExp(`^${again}  queued +[-0-9]+ [:0-9]+Z  docker-archive:`));
    await api.cancel(again);
  });

  test('logs tells what happened, and with -f until the end', async () => {
    const { job } = await api.flattened({ image: `docker-archive:${image}` });
    const { stdout } = await client('logs', job.id);
    expect(stdout.toString()).toMatch(/Z {11}queued\n.*Z {11}attempt 1 begins on worker .*completed\n$/s);
    const id = await waiting();
    const run = startDimgx(['logs', '-f', id, '--json'], {
      env: { DIMGX_URL: service.api.url, DIMGX_TOKEN: key },
    });
    await once(run.child.stdout ?? run.child, 'data');
    await api.cancel(id);
    const followed = await run.outcome;
    expect(followed.code).toBe(0);
    const lines = followed.stdout.toString().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(['queued', 'cancelled']);
  });

  test('submit --wait tells of each try that failed, and what follows', async () => {
    const { code, stderr } = await client('submit', 'docker-daemon:app:1', '--wait');
    const [submitted, ...told] = stderr.trimEnd().split('\n');
    const id = submitted?.split(' ')[1];
    expect(code).toBe(2);
    expect(told.pop()).toMatch(new RegExp(`^dimgx: DOCKER_UNREACHABLE: job ${id} failed: `));
    // The first may have failed before the command listens.
    const [last, ...earlier] = told.reverse();
    const again = (next: number) =>
      new RegExp(
        `^job ${id} is queued again: DOCKER_UNREACHABLE: no Docker .*; try ${next} of 3 is due within 1 s$`,
      );
    expect(last).toMatch(again(3));
    for (const line of earlier) expect(line).toMatch(again(2));
    expect(earlier.length).toBeLessThan(2);
  });

  test('submit fails for a layer that there is not, and warns of a pool without workers', async () => {
    const strict = await client('submit', `docker-archive:${image}`, '-l', '@9', '--wait');
    expect(fault(strict)).toMatch(/^dimgx: LAYER_NOT_FOUND: job \S+ failed: /);
    expect(strict.code).toBe(3);
    const unserved = await client('submit', `docker-archive:${image}`, '--pool', 'nobody');
    expect(unserved.stderr).toBe(
      'dimgx: warning: no worker is there for pool nobody: its jobs wait until one comes\n',
    );
    expect(unserved.code).toBe(0);
  });

  test('submit --wait fails as its job does', async () => {
    const outcome = await client('submit', `docker-archive:${service.images}/no.tar`, '--wait');
    expect(fault(outcome)).toMatch(/^dimgx: ARCHIVE_NOT_FOUND: job \S+ failed: /);
    expect(outcome.stdout.toString()).toMatch(/^\S+ failed\n$/);
    expect(outcome.code).toBe(2);
  });

  test('submit --wait with a key that may not see the job says that it goes on', async () => {
    const only = await dimgx(['keys', 'create', 'submitter', '--scope', 'submit'], {
      env: { DIMGX_URL: service.api.url, DIMGX_TOKEN: key },
    });
    const env = { DIMGX_URL: service.api.url, DIMGX_TOKEN: only.stdout.toString().trim() };
    const outcome = await dimgx(['submit', `docker-archive:${image}`, '--wait'], { env });
    const [, id] = /^job (\S+) submitted: /.exec(outcome.stderr) ?? [];
    expect(fault(outcome)).toBe(
      'dimgx: FORBIDDEN: this needs the scope read, and the API key has submit; ' +
        `job ${id} goes on: dimgx logs -f ${id} shows it, dimgx cancel ${id} stops it`,
    );
    expect(outcome.code).toBe(2);
  });

  test('submit checks all references before it submits any', async () => {
    const good = `docker-archive:${image}`;
    const outcome = await client('submit', good, 'bad ref!', '--wait', '--label', 'of=checked');
    expect(outcome.stderr).toMatch(/^dimgx: REFERENCE_INVALID: [^\n]*bad ref!/);
    expect((await client('list', '-q', '--label', 'of=checked')).stdout.toString()).toBe('');
  });

  test('submit --wait has named the jobs that it made when the service refuses another', async () => {
    const refused = 'docker-archive:/etc/passwd';
    const outcome = await client('submit', `docker-archive:${image}`, refused, '--wait');
    expect(outcome.stderr).toMatch(/^job \S+ submitted: docker-archive:\S+\ndimgx: SOURCE_REFUSED: .*\n$/);
    expect(outcome.code).toBe(2);
  });

  test('an existing file is kept', async () => {
    const id = await submitted();
    await client('download', id, '-o', 'x');
    const again = await client('download', id, '-o', 'x');
    expect(fault(again)).toMatch(/^dimgx: TARGET_EXISTS: x exists already/);
    expect(await client('download', id, '-o', 'x', '--force')).toMatchObject({ code: 0 });
    expect(await readdir(folder)).toEqual(['x']);
    expect(fault(await client('download', id, '-o', '/dev/full'))).toMatch(
      /^dimgx: NO_SPACE: no space left for \/dev\/full/,
    );
  });

  test.each([
    ['a job that is not there', ['status', unknownJob], {}, 2, /^dimgx: JOB_NOT_FOUND: /],
    ['an artifact that is not there', ['download', unknownJob], {}, 2, /^dimgx: JOB_NOT_FOUND: /],
    [
      'a file that the service may not read',
      ['submit', 'docker-archive:/etc/passwd'],
      {},
      2,
      /^dimgx: SOURCE_REFUSED: /,
    ],
    ['a reference that is none', ['submit', 'UPPER'], {}, 1, /^dimgx: REFERENCE_INVALID: /],
    [
      'the wrong key',
      ['status', unknownJob],
      { DIMGX_TOKEN: 'wrong' },
      2,
      /^dimgx: UNAUTHORIZED: the API key is not known here, or revoked: ask for another; see DIMGX_TOKEN$/,
    ],
    [
      'no key',
      ['status', unknownJob],
      { DIMGX_TOKEN: '' },
      2,
      /^dimgx: UNAUTHORIZED: an API key is needed: set DIMGX_TOKEN to one$/,
    ],
    ['no number of lines', ['list', '--limit', '0'], {}, 1, /^dimgx: USAGE: .*It must be 1 at least\.$/],
    ['a label that is none', ['list', '--label', 'bad label'], {}, 1, /^dimgx: REQUEST_INVALID: /],
    ['no image at all', ['submit'], {}, 1, /^dimgx: USAGE: missing required argument 'image'$/],
    [
      'an address that is none',
      ['status', unknownJob],
      { DIMGX_URL: 'here' },
      1,
      /^dimgx: CONFIG_INVALID: DIMGX_URL must/,
    ],
  ])('%s is told with its code', async (_what, args, env, exitCode, line) => {
    const outcome = await dimgx(args, { env: { DIMGX_URL: service.api.url, DIMGX_TOKEN: key, ...env } });
    expect(fault(outcome)).toMatch(line);
    expect(outcome.code).toBe(exitCode);
    expect(outcome.stdout.toString()).toBe('');
  });

  test('no service at all is told with where it should be', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const outcome = await dimgx(['status', unknownJob], { env: { DIMGX_URL: url } });
    expect(fault(outcome)).toMatch(
      new RegExp(`^dimgx: SERVICE_UNREACHABLE: no dimgx service answers at ${url}; `),
    );
    expect(outcome.code).toBe(2);
  });
});

test.each([
  [['submit', 'app:1'], 'job', 'app:1', 'logs -f', 'cancel'],
  [['batches', 'retry', 'a'], 'batch', '1 job', 'batches status', 'batches cancel'],
] as const)('Ctrl-C while %j waits says what goes on', async (args, noun, of, show, cancel) => {
  let looks = 0;
  const answer = { id: 'a', state: 'queued', request: { pool: 'default' }, total: 1, counts: {} };
  const server = createServer((_request, response) => {
    looks++;
    response.end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const env = { DIMGX_URL: `http://127.0.0.1:${port}` };
  const run = startDimgx([...args, '--wait'], { env });
  await expect.poll(() => looks, { timeout: 30_000 }).toBeGreaterThan(2);
  run.child.kill('SIGINT');
  const { code, stdout, stderr } = await run.outcome;
  server.close();
  const advice = `dimgx ${show} a shows it, dimgx ${cancel} a stops it`;
  expect({ code, stderr }).toEqual({
    code: 130,
    stderr: `${noun} a submitted: ${of}\ndimgx: INTERRUPTED: stopped by SIGINT; ${noun} a goes on: ${advice}\n`,
  });
  expect(stdout.toString()).toBe('');
});
