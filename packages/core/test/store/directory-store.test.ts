import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { DirectoryStore } from '../../src/store/directory-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

const { signal } = new AbortController();
const options = { mediaType: 'application/x-tar', signal };

let root: string;
let store: DirectoryStore;

beforeEach(async () => {
  root = await temporaryFolder();
  store = new DirectoryStore(root);
});

const write = (key: string, content = 'content') => store.write(key, Buffer.from(content), options);

describe('a directory store', () => {
  test('keeps each object as the file of its key', async () => {
    await write('repository/artifact.tar', 'bytes');
    expect(await readFile(join(root, 'repository/artifact.tar'), 'utf8')).toBe('bytes');
  });

  test('makes files and folders that others may read and only the user may change', async () => {
    const umask = process.umask(0o022);
    await write('repository/artifact.tar');
    process.umask(umask);
    const modes = await Promise.all(
      ['repository', 'repository/artifact.tar', '.incoming'].map(
        async (path) => (await stat(join(root, path))).mode,
      ),
    );
    expect(modes.map((mode) => (mode & 0o7777).toString(8))).toEqual(['755', '644', '755']);
  });

  test('removes folders with their last object, and no others', async () => {
    await write('a/b/c/one');
    await write('a/two');
    await store.remove('a/b/c/one', signal);
    expect(await readdir(join(root, 'a'))).toEqual(['two']);
    await store.remove('a/two', signal);
    expect(await readdir(root)).toEqual(['.incoming']);
  });

  test('does not take a folder for an object, nor an object for a folder', async () => {
    await write('a/object');
    expect(await store.head('a', signal)).toBeUndefined();
    await store.remove('a', signal);
    await expect(write('a')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(write('a/object/below')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect((await store.read('a/object', signal))?.toString()).toBe('content');
    expect(await readdir(join(root, '.incoming'))).toEqual([]);
  });
});

describe('a directory store that is away', () => {
  const ways: [way: string, use: () => Promise<unknown>][] = [
    ['look up', () => store.head('a/object', signal)],
    ['read', () => store.read('a/object', signal)],
    ['stream', () => store.stream('a/object', signal)],
    ['list', () => store.list({ prefix: '', limit: 10, signal })],
    ['remove', () => store.remove('a/object', signal)],
  ];
  beforeEach(async () => {
    await store.marker.write('its id');
    store.marker.expect('its id');
    await write('a/object');
    await rm(root, { recursive: true });
  });

  test.each(ways)('does not say that there is nothing to %s', async (way, use) => {
    const gone = {
      code: 'STORE_FAILED',
      message: expect.stringContaining('does not exist (make or mount it)'),
    };
    await expect(use()).rejects.toMatchObject(gone);
    await mkdir(root);
    const unmounted = { code: 'STORE_FAILED', message: expect.stringContaining('Is its disk not mounted?') };
    await expect(use()).rejects.toMatchObject(unmounted);
    await store.marker.write('its id');
    if (way === 'stream') await expect(use()).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
    else expect((await use()) ?? []).toEqual([]);
  });
});

describe('a symbolic link in a directory store', () => {
  let outside: string;
  beforeEach(async () => {
    outside = await temporaryFolder();
    await writeFile(join(outside, 'secret'), 'secret');
  });

  test.each([
    ['a folder', () => symlink(outside, join(root, 'linked'))],
    ['a folder inside the store', () => symlink('.', join(root, 'linked'))],
    [
      'an object',
      async () => {
        await mkdir(join(root, 'linked'));
        await symlink(join(outside, 'secret'), join(root, 'linked/secret'));
      },
    ],
    ['nothing', () => symlink(join(outside, 'missing'), join(root, 'linked'))],
  ])('to %s is not followed', async (_, makeLink) => {
    await makeLink();
    const refusal = { code: 'STORE_DENIED', message: expect.stringContaining(join(root, 'linked')) };
    await expect(store.head('linked/secret', signal)).rejects.toMatchObject(refusal);
    await expect(store.read('linked/secret', signal)).rejects.toMatchObject(refusal);
    await expect(store.stream('linked/secret', signal)).rejects.toMatchObject(refusal);
    await expect(store.remove('linked/secret', signal)).rejects.toMatchObject(refusal);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
  });

  test('is never written through', async () => {
    await symlink(outside, join(root, 'linked'));
    await expect(write('linked/new')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await symlink(join(outside, 'secret'), join(root, 'object'));
    await write('object', 'mine');
    expect(await readdir(outside)).toEqual(['secret']);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
    expect((await store.read('object', signal))?.toString()).toBe('mine');
  });

  test('in the place of the incoming files is refused', async () => {
    await symlink(outside, join(root, '.incoming'));
    await expect(write('a/b')).rejects.toMatchObject({ code: 'STORE_DENIED' });
    await expect(store.check(signal)).rejects.toMatchObject({ code: 'STORE_DENIED' });
    expect(await readdir(outside)).toEqual(['secret']);
  });

  test('to the store itself is fine', async () => {
    const link = join(outside, 'store');
    await symlink(root, link);
    await new DirectoryStore(link).write('a/b', Buffer.from('x'), options);
    expect((await store.read('a/b', signal))?.toString()).toBe('x');
  });
});

describe('the check of a directory store', () => {
  test('fails where there is no folder', async () => {
    await rm(root, { recursive: true });
    await expect(store.check(signal)).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: `can't write: the folder ${root} does not exist (make or mount it), or something else removes files from it`,
    });
    await expect(write('a')).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  test('fails where there is a file', async () => {
    await writeFile(join(root, 'file'), '');
    const refusal = { code: 'STORE_FAILED', message: `${root}/file is not a folder` };
    await expect(new DirectoryStore(join(root, 'file')).check(signal)).rejects.toMatchObject(refusal);
  });

  test('sweeps away what has not grown for a day', async () => {
    await store.check(signal);
    const incoming = (name: string) => join(root, '.incoming', name);
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    for (const [name, age] of [
      ['old', 25],
      ['young', 23],
    ] as const) {
      await writeFile(incoming(name), '');
      await utimes(incoming(name), hoursAgo(age), hoursAgo(age));
    }
    await store.check(signal);
    expect(await readdir(join(root, '.incoming'))).toEqual(['young']);
  });
});
