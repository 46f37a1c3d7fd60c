import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';

const root = join(import.meta.dirname, '../..');
const core = join(root, 'packages/core');

/** A project that has the packed @dimgx/core as one of its dependencies. */
let project: string;
let packed: readonly string[];

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'dimgx-package-'));
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', project];
  const [{ filename, files }] = JSON.parse(execFileSync('npm', args, { cwd: core, encoding: 'utf8' }));
  packed = files.map(({ path }: { path: string }) => path);
  const modules = join(project, 'node_modules');
  await mkdir(join(modules, '@dimgx/core'), { recursive: true });
  const target = ['-C', join(modules, '@dimgx/core'), '--strip-components=1'];
  execFileSync('tar', ['-xzf', join(project, filename), ...target]);
  const { dependencies } = JSON.parse(await readFile(join(core, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    await mkdir(join(modules, name, '..'), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
});

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

function node(script: string): string {
  return execFileSync(process.execPath, [script], { cwd: project, encoding: 'utf8' });
}

test('the package holds what was built, README.md and LICENSE, and no more', async () => {
  expect(packed).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/index.js']));
  const others = packed.filter((path) => !/^dist\/.+\.(js|d\.ts)$/.test(path));
  expect(others.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
  expect(await readFile(join(core, 'LICENSE'))).toEqual(await readFile(join(root, 'LICENSE')));
});

test('its exports are one face, and nothing behind it', async () => {
  await writeFile(
    join(project, 'deep.mjs'),
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
  const [, example] = /```js\n(.*?)```/s.exec(await readFile(join(core, 'README.md'), 'utf8')) ?? [];
  await writeFile(join(project, 'example.mjs'), example ?? '');
  const layers = [layer().file('a', 'one'), layer().whiteout('a').file('b', 'two')];
  await writeFile(join(project, 'app.tar'), dockerArchive({ layers, tags: ['app:1'] }, 'docker-25'));
  const lines = node('example.mjs').trimEnd().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^[0-9a-f]{12} \d+ step 2$/),
    expect.stringMatching(/^[0-9a-f]{12} \d+ step 1$/),
    expect.stringMatching(/^1 files in \d+ bytes: sha256:[0-9a-f]{64}, diff id sha256:[0-9a-f]{64}$/),
  ]);
  const tar = zstdDecompressSync(await readFile(join(project, 'rootfs.tar.zst')));
  expect(execFileSync('tar', ['-t'], { input: tar, encoding: 'utf8' })).toBe('b\n');
  expect((await readdir(project)).filter((name) => name.startsWith('.dimgx'))).toEqual([]);
});
