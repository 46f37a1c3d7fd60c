import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from '../src/up/folder-lock.ts';
import { identifyProcess } from '../src/up/process-life.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dimgx-lock-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A process that is there no more. */
async function deadProcess(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('a folder that a living process has is refused, with its number', async () => {
  await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(`process ${process.pid}`),
  });
  expect(await readdir(folder)).toEqual(['up-1.pid']);
});

test('a folder that was given back is free', async () => {
  const lock = await lockFolder(folder);
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
  await (await lockFolder(folder)).release();
});

test.each([
  ['of a process that is dead', async () => `${await deadProcess()} 12345\n`],
  ['of a process whose number another one has now', async () => `${process.pid} 1\n`],
  ['that is no lock at all', async () => 'nonsense'],
  ['that is empty', async () => ''],
])('a lock %s does not count', async (_of, content) => {
  await writeFile(join(folder, 'up-1.pid'), await content());
  const lock = await lockFolder(folder);
  expect(await readdir(folder)).toEqual(['up-2.pid']);
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
});

test('of many that come at once, one gets the folder', async () => {
  for (let round = 0; round < 20; round++) {
    await writeFile(join(folder, 'up-1.pid'), `${await deadProcess()} 12345\n`);
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    const [gained, ...more] = results.filter((result) => result.status === 'fulfilled');
    expect(more).toEqual([]);
    expect(await readdir(folder)).toEqual(['up-2.pid']);
    await gained?.value.release();
  }
});

test('a process that only waits to be reaped is dead', async () => {
  // The shell becomes a sleep that does not know of the child it has.
  const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = await once(parent.stdout, 'data');
    await expect.poll(() => identifyProcess(Number(line))).toBeUndefined();
  } finally {
    parent.kill('SIGKILL');
  }
});
