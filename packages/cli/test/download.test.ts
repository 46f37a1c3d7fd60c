import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Artifact, ServiceError } from '@dimgx/client';
import type { Progress } from '@dimgx/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { download } from '../src/client/download.ts';

const { signal } = new AbortController();
const chunks = [Buffer.from('first'), Buffer.from('second')];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dimgx-download-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** An artifact whose body ends with `fault`, if there is one. */
function artifact(fault?: Error): Artifact & { cancelled: boolean } {
  const left = [...chunks];
  const told = {
    size: 11,
    cancelled: false,
    body: new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = left.shift();
        if (chunk !== undefined) controller.enqueue(chunk);
        else if (fault === undefined) controller.close();
        else controller.error(fault);
      },
      cancel: () => {
        told.cancelled = true;
      },
    }),
  };
  return told as Artifact & { cancelled: boolean };
}

test('is there when all of it is right, and tells how far it is', async () => {
  const told: Progress[] = [];
  const onProgress = (progress: Progress) => told.push(progress);
  const target = await download(artifact(), join(folder, 'x'), { force: false, signal, onProgress });
  expect(target.key).toBe(join(folder, 'x'));
  expect(await readFile(join(folder, 'x'), 'utf8')).toBe('firstsecond');
  expect(told.map(({ bytes, totalBytes }) => [bytes, totalBytes])).toEqual([
    [5, 11],
    [11, 11],
  ]);
});

test('that is wrong at its end leaves nothing', async () => {
  const body = artifact(new ServiceError('DIGEST_MISMATCH', 'other bytes'));
  const downloaded = download(body, join(folder, 'x'), { force: false, signal });
  await expect(downloaded).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ['where a file is already', 'x', 'TARGET_EXISTS'],
  ['where there is no room', '/dev/full', 'NO_SPACE'],
])('%s is not fetched any further', async (_where, path, code) => {
  await writeFile(join(folder, 'x'), 'kept');
  const source = artifact();
  const target = path.startsWith('/') ? path : join(folder, path);
  await expect(download(source, target, { force: false, signal })).rejects.toMatchObject({ code });
  expect(source.cancelled).toBe(true);
  expect(await readFile(join(folder, 'x'), 'utf8')).toBe('kept');
});
