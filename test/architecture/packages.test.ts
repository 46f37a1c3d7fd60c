import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './imports.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly files: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

const top = manifestOf('.');
const folders = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);

/** What is for programs that are not ours. */
const ownEngines: Readonly<Record<string, { readonly node: string }>> = {
  'packages/client': { node: '>=20.3' },
};

test.each(folders)('%s has the version, license and Node of the whole', (folder) => {
  const { version, license, engines } = manifestOf(folder);
  expect({ version, license, engines }).toEqual({
    version: top.version,
    license: 'MIT',
    engines: ownEngines[folder] ?? top.engines,
  });
});

test.each(folders)('%s is published with its license, and without what only a build needs', (folder) => {
  const { files } = manifestOf(folder);
  expect(files).toEqual(expect.arrayContaining(['dist', '!dist/.tsbuildinfo', '!dist/**/*.map']));
  const license = readFileSync(join(root, 'LICENSE'), 'utf8');
  expect(readFileSync(join(root, folder, 'LICENSE'), 'utf8')).toBe(license);
});

test('the client needs no package', () => {
  expect(manifestOf('packages/client').dependencies).toBeUndefined();
});

test('every package is in the workspace', () => {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect([...workspaces].sort()).toEqual([...folders].sort());
});

test('CONTRIBUTING.md has packages released after those that they need', () => {
  const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  const order = /in the order ([a-z, \n]+)\./.exec(text)?.[1]?.split(/,\s+/) ?? [];
  expect(order.map((name) => `packages/${name}`).sort()).toEqual([...folders].sort());
  for (const [place, name] of order.entries()) {
    const needed = Object.keys(manifestOf(`packages/${name}`).dependencies ?? {});
    const ours = needed.filter((each) => each.startsWith('@dimgx/')).map((each) => each.slice(7));
    expect(order.slice(0, place), name).toEqual(expect.arrayContaining(ours));
  }
});

test.each(['.', ...folders])('%s pins its dependencies to one version', (folder) => {
  const { dependencies, devDependencies, optionalDependencies } = manifestOf(folder);
  const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('the lock file names no download addresses', () => {
  expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "http/);
});
