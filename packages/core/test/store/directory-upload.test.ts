import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { DirectoryStore } from '../../src/store/directory-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, rename: vi.fn(real.rename) };
});

const options = { mediaType: 'application/x-tar', signal: new AbortController().signal };

let root: string;
let store: DirectoryStore;

beforeEach(async () => {
  root = await temporaryFolder();
  store = new DirectoryStore(root);
});

describe('an upload to a directory', () => {
  test('makes its folder again when that is pruned in the last moment', async () => {
    const real = vi.mocked(rename).getMockImplementation();
    vi.mocked(rename).mockImplementationOnce(async (from, to) => {
      await rm(dirname(String(to)), { recursive: true });
      await real?.(from, to);
    });
    await store.write('a/b/object', Buffer.from('x'), options);
    expect(await readFile(join(root, 'a/b/object'), 'utf8')).toBe('x');
  });

  test('fails when its file is taken away and there is no twin who has done so', async () => {
    const upload = await store.upload('a/object', options);
    await upload.write(Buffer.from('x'));
    const [name = ''] = await readdir(join(root, '.incoming'));
    await rm(join(root, '.incoming', name));
    await expect(upload.complete()).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: "can't store a/object: its incoming file was removed meanwhile",
    });
  });

  test.each([
    ['of the same length', 'xyz', 'xyZ'],
    ['shorter', 'xyz', 'xy'],
    ['longer', 'xyz', 'xyzz'],
  ])('fails when a twin has stored something %s', async (_, ours, theirs) => {
    const upload = await store.upload('a/object', options);
    await upload.write(Buffer.from(ours));
    await store.write('a/object', Buffer.from(theirs), options);
    await expect(upload.complete()).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: "can't store a/object: another process stored it differently meanwhile",
    });
    expect(await readFile(join(root, 'a/object'), 'utf8')).toBe(theirs);
  });
});
