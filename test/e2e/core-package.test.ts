import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { type PackageUser, packageUser } from '../support/packed-package.ts';
import { namesInTar } from '../support/tree/names-in-tar.ts';

const root = join(import.meta.dirname, '../..');

let user: PackageUser;
beforeAll(async () => {
  user = await packageUser('core');
});
afterAll(() => user?.remove());

function node(script: string): string {
  return execFileSync(process.execPath, [script], { cwd: user.folder, encoding: 'utf8' });
}

test('the package holds what was built, README.md and LICENSE, and no more', async () => {
  const { packed } = user;
  expect(packed).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/index.js']));
  const others = packed.filter((path) => !/^dist\/.+\.(js|d\.ts)$/.test(path));
  expect(others.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
  expect(await readFile(join(root, 'packages/core/LICENSE'))).toEqual(await readFile(join(root, 'LICENSE')));
});

test('its exports are one face, and nothing behind it', async () => {
  await writeFile(
    join(user.folder, 'deep.mjs'),
    `for (const name of ['@dimgx/core', '@dimgx/core/dist/index.js', '@dimgx/core/flatten', '@dimgx/core/package.json'])
       console.log(name, await import(name).then(({ openImage }) => typeof openImage, ({ code }) => code));`,
  );
  expect(node('deep.mjs').trimEnd().split('\n')).toEqual([
    '@dimgx/core function',
    '@dimgx/core/dist/index.js ERR_PACKAGE_PATH_NOT_EXPORTED',
    '@dimgx/core/flatten ERR_PACKAGE_PATH_NOT_EXPORTED',
    '@dimgx/core/package.json ERR_PACKAGE_PATH_NOT_EXPORTED',
  ]);
});

test('the example of its README.md works as it stands', async () => {
  const { folder } = user;
  await writeFile(join(folder, 'example.mjs'), await user.example(0));
  const layers = [layer().file('a', 'one'), layer().whiteout('a').file('b', 'two')];
  await writeFile(join(folder, 'app.tar'), dockerArchive({ layers, tags: ['app:1'] }, 'docker-25'));
  const lines = node('example.mjs').trimEnd().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^[0-9a-f]{12} \d+ step 2$/),
    expect.stringMatching(/^[0-9a-f]{12} \d+ step 1$/),
    expect.stringMatching(/^1 files in \d+ bytes: sha256:[0-9a-f]{64}, diff id sha256:[0-9a-f]{64}$/),
  ]);
  const tar = zstdDecompressSync(await readFile(join(folder, 'rootfs.tar.zst')));
  expect(namesInTar(tar)).toEqual(['b']);
  expect((await readdir(folder)).filter((name) => name.startsWith('.dimgx'))).toEqual([]);
});
