import { execFile } from 'node:child_process';
import { chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { fault } from '../support/command/dimgx.ts';
import { allGone, childLike, childrenOf } from '../support/command/processes.ts';
import { printed, upFixture } from '../support/command/up-fixture.ts';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { freePort } from '../support/parts/free-port.ts';
import { needs } from '../support/parts/needs.ts';

const given = upFixture();

needs('redis')('dimgx up', () => {
  test('runs the service, takes what it prints as a first request, and ends in order', async () => {
    const run = await given.started(['--workers', '2']);
    const stages = ['redis +ready', 'api +ready', 'worker-1 +ready', 'worker-2 +ready'];
    for (const stage of stages) expect(run.printed()).toMatch(new RegExp(stage));

    const [curl = ''] = /^ {2}curl .*$/m.exec(run.printed()) ?? [];
    const { stdout } = await promisify(execFile)('sh', ['-c', curl]);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'queued', kind: 'flatten' });

    const { job, report } = await given.client().flattened({ image: await given.image('one') });
    const artifact = await given.client().artifact(job.id);
    expect(Buffer.from(await artifact.arrayBuffer())).toHaveLength(report.artifact.size);

    const parts = childrenOf(run.child.pid);
    expect(parts).toHaveLength(4);
    run.child.kill('SIGINT');
    const { code, stdout: told, stderr } = await run.outcome;
    expect(code, stderr).toBe(0);
    expect(told.toString()).toContain(`http://127.0.0.1:${given.port}/docs/.`);
    expect(stderr).toMatch(/up +stopped\n$/);
    await allGone(parts);
    expect((await readdir(given.data)).sort()).toEqual(['artifacts', 'logs', 'redis', 'tmp']);
    expect((await readdir(join(given.data, 'logs'))).sort()).toEqual([
      'api.log',
      'redis.log',
      'worker-1.log',
      'worker-2.log',
    ]);
  });

  test('holds images to the limits that its environment sets', async () => {
    const run = await given.started([], { env: { DIMGX_LIMITS: 'entries=1' } });
    const small = await given.image('small');
    expect(await given.client().flattened({ image: small })).toMatchObject({ job: { state: 'completed' } });
    const large = join(given.images, 'large.tar');
    const layers = [layer().file('a').file('b')];
    await writeFile(large, dockerArchive({ layers, tags: ['large:1'] }, 'docker-25'));
    const { id } = await given.client().submit({ image: `docker-archive:${large}` });
    const { state, error, attempts } = await given.client().finished(id);
    expect({ state, code: error?.code, attempts }).toEqual({
      ...{ state: 'failed', code: 'LIMIT_EXCEEDED', attempts: 1 },
    });
    expect(error?.message).toMatch(/"b" .*: the limit entries is 1; --limits or DIMGX_LIMITS raises it/);
    run.child.kill('SIGINT');
    await run.outcome;
  });

  test('finds again what it did before', async () => {
    const first = await given.started();
    const { job } = await given.client().flattened({ image: await given.image('one') });
    first.child.kill('SIGTERM');
    expect(await first.outcome).toMatchObject({ code: 0 });
    const second = await given.started();
    expect(await given.client().job(job.id)).toMatchObject({ id: job.id, state: 'completed' });
    const again = await given.client().flattened({ image: await given.image('one') });
    expect(again.report.cached).toBe(true);
    second.child.kill('SIGTERM');
    await second.outcome;
  });

  test('names the key in its first request once there is one', async () => {
    const first = await given.started();
    expect(first.printed()).toMatch(/^ {2}curl (?!.*authorization)/m);
    const made = await fetch(`http://127.0.0.1:${given.port}/v1/keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'first', scopes: ['admin'] }),
    });
    const { key } = (await made.json()) as { key: string };
    first.child.kill('SIGTERM');
    await first.outcome;
    const second = await given.started();
    const [curl = ''] = /^ {2}curl .*$/m.exec(second.printed()) ?? [];
    const env = { ...process.env, DIMGX_TOKEN: key };
    const { stdout } = await promisify(execFile)('sh', ['-c', curl], { env });
    expect(JSON.parse(stdout)).toMatchObject({ state: 'queued' });
    second.child.kill('SIGTERM');
    await second.outcome;
  });

  test('lets a running job end before it stops', async () => {
    const run = await given.started();
    const { id } = await given.client().submit({
      image: await given.image('large', 40),
      compression: { algorithm: 'gzip' },
    });
    await given.client().until(id, ({ state }) => state === 'active');
    run.child.kill('SIGINT');
    expect(await run.outcome).toMatchObject({ code: 0 });
    const next = await given.started();
    expect(await given.client().job(id)).toMatchObject({ state: 'completed', attempts: 1 });
    next.child.kill('SIGINT');
    await next.outcome;
  });

  test('stops at once when it is told so again', async () => {
    const run = await given.started();
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
    const run = await given.started(['--workers', '2']);
    const { job } = await given.client().flattened({ image: await given.image('one') });
    const parts = childrenOf(run.child.pid);
    expect(parts).toHaveLength(4);
    run.child.kill('SIGKILL');
    expect(await run.outcome).toMatchObject({ code: 'SIGKILL' });
    // Without a pause: what is still ending is waited for.
    const next = await given.started();
    await allGone(parts);
    expect(await given.client().job(job.id)).toMatchObject({ state: 'completed' });
    next.child.kill('SIGINT');
    await next.outcome;
  });

  test.each([
    ['a worker', / worker$/, 'worker-1'],
    ['the API', / api$/, 'api'],
    ['Redis', /redis-server/, 'redis'],
  ])('starts %s again when it dies', async (_part, command, name) => {
    const run = await given.started();
    const { job } = await given.client().flattened({ image: await given.image('one') });
    const part = childLike(run.child.pid, command);
    process.kill(part.pid, 'SIGKILL');
    await printed(
      run,
      new RegExp(`^${name} +ended by SIGKILL; starting it again in 500 ms, see ${given.data}`, 'm'),
    );
    await printed(run, new RegExp(`^${name} +ready .*, again$`, 'm'));
    // Its promise stands: what it knew before it knows still, and it works on.
    expect(await given.client().job(job.id)).toMatchObject({ state: 'completed' });
    await given.client().flattened({ image: await given.image('two') });
    run.child.kill('SIGINT');
    expect(await run.outcome).toMatchObject({ code: 0 });
  });

  test('refuses a data folder that another one has', async () => {
    const first = await given.started();
    given.port = await freePort();
    const second = await given.up().outcome;
    expect(fault(second)).toMatch(
      new RegExp(
        `^dimgx: CONFIG_INVALID: another dimgx up, process ${first.child.pid}, has the data folder ${given.data}: `,
      ),
    );
    expect(second.code).toBe(1);
    first.child.kill('SIGINT');
    await first.outcome;
  });

  test('works on a Redis that is named, and stops nothing of it', async () => {
    const first = await given.started();
    const redis = childLike(first.child.pid, /redis-server/);
    const [, redisPort] = /redis +ready on 127\.0\.0\.1:(\d+)/.exec(first.printed()) ?? [];
    const password = await passwordOf(childLike(first.child.pid, / api$/).pid);
    given.port = await freePort();
    const env = {
      REDIS_URL: `redis://:${password}@127.0.0.1:${redisPort}`,
      DIMGX_STORE: `file:${join(given.data, 'artifacts')}`,
    };
    given.data = join(given.data, 'other');
    const second = await given.started([], { env });
    expect(childrenOf(second.child.pid)).toHaveLength(2);
    second.child.kill('SIGINT');
    expect(await second.outcome).toMatchObject({ code: 0 });
    expect(second.printed()).not.toContain(password);
    expect((await readdir(given.data)).sort()).toEqual(['logs', 'tmp']);
    expect(childrenOf(first.child.pid)).toContainEqual(redis);
    first.child.kill('SIGINT');
    await first.outcome;
  });

  test.runIf(process.getuid?.() === 0)('needs no root', async () => {
    await mkdir(given.data);
    await chown(given.data, 65_534, 65_534);
    const run = await given.started([], { uid: 65_534, gid: 65_534 });
    await given.client().flattened({ image: await given.image('one') });
    run.child.kill('SIGINT');
    expect(await run.outcome).toMatchObject({ code: 0 });
  });
});

/** Of the private Redis: its parts get it by their environment, which nobody else can read. */
async function passwordOf(pid: number): Promise<string> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
  return /REDIS_URL=redis:\/\/:(\w+)@/.exec(environment)?.[1] ?? '';
}
