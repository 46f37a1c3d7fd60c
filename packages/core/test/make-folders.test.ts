import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolders } from '../src/make-folders.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dimgx-folders-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('makes a folder and those above it', async () => {
  const path = join(folder, 'a', 'b', 'c');
  await makeFolders(path);
  expect((await stat(path)).isDirectory()).toBe(true);
});

test('leaves one that is there, also when several make it at once', async () => {
  const path = join(folder, 'a', 'b');
  await Promise.all(Array.from({ length: 8 }, () => makeFolders(path)));
  await makeFolders(path);
  await makeFolders('/');
  expect((await stat(path)).isDirectory()).toBe(true);
});

test.each([
  ['a file in its place', 'file', 'EEXIST'],
  ['a file above it', 'file/folder/below', 'ENOTDIR'],
])('refuses %s', async (_situation, name, code) => {
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolders(join(folder, name))).rejects.toMatchObject({ code });
});

test('gives up where the system makes nothing', async () => {
  await expect(makeFolders('/proc/dimgx/data')).rejects.toMatchObject({ code: 'ENOENT' });
});
