import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `scripts/setup run` puts commands that it could not install for everybody. */
const privateCommands = fileURLToPath(new URL('../../../.parts/bin', import.meta.url));

/** Servers lie in sbin, which is not on everybody's PATH. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The first of `names` that is installed, as a path. A name may be a path already. */
export function commandPath(...names: readonly string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...systemFolders, privateCommands];
  for (const name of names) {
    const paths = name.startsWith('/') ? [name] : folders.map((folder) => join(folder || '.', name));
    const found = paths.find(isExecutable);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
