import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { constants, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDimgx } from '../support/command/dimgx.ts';
import { flattenFixture } from '../support/command/flatten-fixture.ts';

const given = flattenFixture();
/** Machines may be busy; what is waited for is a condition. */
const patient = { timeout: 60_000, interval: 10 };

describe('a run that is stopped leaves nothing', () => {
  test('SIGINT while the tar is written', async () => {
    const run = startDimgx([
      'flatten',
      given.large,
      '-t',
      join(given.folder, 'x.tar.gz'),
      '-z',
      '--compress-level',
      '9',
    ]);
    await expect.poll(() => sizes(given.folder), patient).toEqual([expect.any(Number)]);
    await expect.poll(async () => (await sizes(given.folder))[0], patient).toBeGreaterThan(0);
    run.child.kill('SIGINT');
    const { code, stderr } = await run.outcome;
    expect({ code, stderr }).toEqual({ code: 130, stderr: 'dimgx: INTERRUPTED: stopped by SIGINT\n' });
    expect(await readdir(given.folder)).toEqual([]);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s while the image comes in on stdin: exit code %d', async (signal, exitCode) => {
    const run = startDimgx(['flatten', '-', '-t', join(given.folder, 'x.tar')], { stdio: 'pipe' });
    run.child.stdin?.write((await readFile(given.smallArchive)).subarray(0, 2000));
    await expect.poll(() => readdir(given.folder), patient).toHaveLength(1);
    run.child.kill(signal);
    const { code, stderr } = await run.outcome;
    expect({ code, stderr }).toEqual({
      code: exitCode,
      stderr: `dimgx: INTERRUPTED: stopped by ${signal}\n`,
    });
    expect(await readdir(given.folder)).toEqual([]);
  });

  test('SIGINT while a reader stalls', async () => {
    const run = startDimgx(['flatten', given.large, '-t', '-']);
    await once(run.child.stdout ?? run.child, 'readable');
    run.child.stdout?.pause();
    const ended = once(run.child, 'exit');
    run.child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    run.child.stdout?.destroy();
  });

  test('SIGINT while the reader of a pipe stalls', async () => {
    const fifo = join(given.folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const reader = await open(fifo, constants.O_RDWR);
    const run = startDimgx(['flatten', given.large, '-t', '-'], { stdio: ['ignore', reader.fd, 'pipe'] });
    expect((await reader.read()).bytesRead).toBeGreaterThan(0);
    run.child.kill('SIGINT');
    const { code, stderr } = await run.outcome;
    expect({ code, stderr }).toEqual({ code: 130, stderr: 'dimgx: INTERRUPTED: stopped by SIGINT\n' });
    await reader.close();
  });
});

async function sizes(path: string): Promise<number[]> {
  const names = await readdir(path);
  return Promise.all(names.map(async (name) => (await stat(join(path, name))).size));
}
