import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './imports.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

const top = manifestOf('.');
const folders = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);

test.each(folders)('%s has the version, license and Node of the whole', (folder) => {
  const { version, license, engines } = manifestOf(folder);
  expect({ version, license, engines }).toEqual({
    version: top.version,
    license: 'MIT',
    engines: top.engines,
  });
});

test.each(['.', ...folders])('%s pins its dependencies to one version', (folder) => {
  const { dependencies, devDependencies, optionalDependencies } = manifestOf(folder);
  const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('the lock file names no download addresses', () => {
  expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "http/);
});
