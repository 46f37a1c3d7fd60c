import { readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { dimgx, fault } from '../support/command/dimgx.ts';
import { flattenFixture } from '../support/command/flatten-fixture.ts';
import { sha256 } from '../support/images/test-image.ts';
import { namesInTar } from '../support/tree/names-in-tar.ts';

const given = flattenFixture();

describe('a file', () => {
  test('gets the flattened tar, and stdout the summary', async () => {
    const target = join(given.folder, 'x.tar');
    const { code, stdout, stderr } = await dimgx(['flatten', given.small, '-t', target]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const tar = await readFile(target);
    expect(namesInTar(tar)).toEqual(['d/', 'd/b']);
    expect(stdout.toString()).toContain(`is ${target}: `);
    expect(stdout.toString()).toContain(sha256(tar));
    expect(await readdir(given.folder)).toEqual(['x.tar']);
  });

  test.each([
    ['-C', '.tar', (bytes: Buffer) => bytes],
    ['-z', '.tar.gz', gunzipSync],
    ['--zstd', '.tar.zst', zstdDecompressSync],
  ])('is compressed as %s says, and reported as it is', async (option, suffix, unpacked) => {
    const target = join(given.folder, `x${suffix}`);
    const { code, stdout, stderr } = await dimgx(['flatten', given.small, '-t', target, option, '--json']);
    expect(code, stderr).toBe(0);
    const bytes = await readFile(target);
    expect(JSON.parse(stdout.toString())).toMatchObject({
      image: { repoTags: ['small:1'] },
      artifact: {
        key: target,
        size: bytes.length,
        sha256: sha256(bytes),
        diffId: sha256(unpacked(bytes)),
      },
      entries: { files: 1, directories: 1, removed: 1 },
      cached: false,
    });
  });

  test('whose name promises another compression is warned of', async () => {
    const { code, stderr } = await dimgx(['flatten', given.small, '-t', join(given.folder, 'x.tar.gz')]);
    expect(code, stderr).toBe(0);
    expect(stderr).toBe(
      'dimgx: warning: the tar is not compressed, its name x.tar.gz says otherwise; .tar would fit\n',
    );
  });

  test('has what is chosen of layers and paths', async () => {
    const target = join(given.folder, 'x.tar');
    const args = ['-l', '@0', '--keep-whiteouts', '--exclude', 'd/b'];
    expect(await dimgx(['flatten', given.small, '-t', target, ...args])).toMatchObject({ code: 0 });
    const names = namesInTar(await readFile(target));
    expect(names).toContain('d/.wh.a');
    expect(names).not.toContain('d/b');
  });

  test('in the same folder that a killed run left is removed after a day', async () => {
    const [young, old] = ['.dimgx-1-0123456789ab.partial', '.dimgx-2-0123456789ab.partial'];
    for (const name of [young, old]) await writeFile(join(given.folder, name), 'left');
    await utimes(join(given.folder, old), 0, 0);
    await dimgx(['flatten', given.small, '-t', join(given.folder, 'x.tar')]);
    expect((await readdir(given.folder)).sort()).toEqual([young, 'x.tar']);
  });
});

describe('a choice that is seldom meant is warned of', () => {
  test.each([
    ['an order turned round', ['-l', '@0:@1'], /^dimgx: warning: older layers override newer ones/m],
    [
      'patterns that match nothing',
      ['--include', 'nowhere'],
      /^dimgx: warning: nothing is left by --include/m,
    ],
    ['no layer at all', ['-l', '@9'], /^dimgx: warning: no layer was chosen/m],
  ])('%s', async (_what, options, warning) => {
    const { code, stderr } = await dimgx([
      'flatten',
      given.small,
      '-t',
      join(given.folder, 'x.tar'),
      ...options,
    ]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(warning);
  });

  test('the image itself is refused as the target, also by another name', async () => {
    const own = given.smallArchive;
    const before = await readFile(own);
    const link = join(given.folder, 'link.tar');
    await symlink(own, link);
    const outcome = await dimgx(['flatten', given.small, '-t', link, '--force']);
    expect(fault(outcome)).toBe(`dimgx: USAGE: ${link} is the image itself: choose another target`);
    expect(outcome.code).toBe(1);
    expect(await readFile(own)).toEqual(before);
  });

  test('an empty pattern is refused', async () => {
    const outcome = await dimgx(['flatten', given.small, '-t', join(given.folder, 'x.tar'), '--include', '']);
    expect(fault(outcome)).toMatch(/^dimgx: USAGE: .*--include.* It is empty/);
    expect(outcome.code).toBe(1);
  });
});
