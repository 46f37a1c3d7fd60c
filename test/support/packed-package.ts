import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** A project of its own that has a package of ours, as it would be published, as its one dependency. */
export interface PackageUser {
  readonly folder: string;
  /** What the package holds. */
  readonly packed: readonly string[];
  /** The example in JavaScript of that number in the package's README.md. */
  example(number: number): Promise<string>;
  remove(): Promise<void>;
}

/** `name` is that of the folder; the package must be built. */
export async function packageUser(name: string): Promise<PackageUser> {
  const source = join(root, 'packages', name);
  const folder = await mkdtemp(join(tmpdir(), 'dimgx-package-'));
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder];
  const [{ filename, files }] = JSON.parse(execFileSync('npm', args, { cwd: source, encoding: 'utf8' }));
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@dimgx', name), { recursive: true });
  const target = ['-C', join(modules, '@dimgx', name), '--strip-components=1'];
  execFileSync('tar', ['-xzf', join(folder, filename), ...target]);
  const { dependencies = {} } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));
  for (const each of Object.keys(dependencies)) {
    await mkdir(join(modules, each, '..'), { recursive: true });
    await symlink(join(root, 'node_modules', each), join(modules, each));
  }
  return {
    ...{ folder, packed: files.map(({ path }: { path: string }) => path) },
    async example(number) {
      const readme = await readFile(join(source, 'README.md'), 'utf8');
      return [...readme.matchAll(/```js\n(.*?)```/gs)][number]?.[1] ?? '';
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
