import { execFile } from 'node:child_process';
import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ArtifactStore, openStore } from '@dimgx/core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { bytes, MIB, writeFrom } from '../support/stores/content.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
const options = { mediaType: 'application/x-tar', signal };

needs('mount')('the directory store on a small disk', () => {
  let disk: string;
  let store: ArtifactStore;

  beforeAll(async () => {
    disk = await mkdtemp(join(inject('runFolder'), 'small-disk-'));
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'dimgx-test', disk]);
    store = openStore(`file:${disk}`);
  });
  afterAll(() => run('umount', ['--lazy', disk]));

  const filesLeft = async () => {
    const entries = await readdir(disk, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  };

  test('says that the disk is full, and leaves nothing on it', async () => {
    const upload = await store.upload('a/object', options);
    await expect(writeFrom(upload, bytes(6 * MIB))).rejects.toMatchObject({
      code: 'NO_SPACE',
      message: `can't store a/object: the folder ${disk} has no space left`,
    });
    await upload.abort();
    expect(await filesLeft()).toEqual([]);
    await expect(store.write('a/object', bytes(6 * MIB), options)).rejects.toMatchObject({
      code: 'NO_SPACE',
    });
    expect(await filesLeft()).toEqual([]);
    await store.write('a/object', bytes(MIB), options);
    await store.remove('a/object', signal);
  });

  test('says so when it is checked', async () => {
    const filling = await store.upload('filling', options);
    await writeFrom(filling, bytes(6 * MIB), 4096).catch(() => undefined);
    await expect(store.check(signal)).rejects.toMatchObject({ code: 'NO_SPACE' });
    await filling.abort();
    await store.check(signal);
  });

  test('says when it is read-only', async () => {
    await store.write('a/object', Buffer.from('x'), options);
    await run('mount', ['-o', 'remount,ro', disk]);
    await expect(store.check(signal)).rejects.toMatchObject({
      code: 'STORE_DENIED',
      message: `can't write: the folder ${disk} is on a read-only file system`,
    });
    await expect(store.upload('a/other', options)).rejects.toMatchObject({ code: 'STORE_DENIED' });
    expect((await store.read('a/object', signal))?.toString()).toBe('x');
  });
});
