import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Archive, makeArchive } from './archive.ts';

const run = promisify(execFile);

const MB = 1e6;
/** Folders of the machine that a layer each is made of: programs, libraries, documents, as images hold them. */
const sources = ['usr/bin', 'usr/lib', 'usr/share'];

/** An image out of this machine's own files, a layer a folder; a last one deletes and replaces some of them. */
export async function makeSystemImage(folder: string, bytesPerLayer = 300 * MB): Promise<Archive> {
  await mkdir(folder, { recursive: true });
  const layers: string[] = [];
  for (const source of sources) {
    const file = join(folder, `${source.replace('/', '-')}.tar`);
    await run('tar', ['-cf', file, '-C', '/', '--no-recursion', source]);
    await run('tar', ['-rf', file, '-C', '/', ...(await contentUpTo(source, bytesPerLayer))]);
    layers.push(file);
  }
  layers.push(await changes(folder));
  return makeArchive(folder, layers);
}

/** What lies in a folder, in the order of its names, as far as it fits. */
async function contentUpTo(source: string, bytes: number): Promise<string[]> {
  const chosen: string[] = [];
  let sum = 0;
  for (const name of (await readdir(join('/', source))).sort()) {
    const path = `${source}/${name}`;
    const { stdout } = await run('du', ['-sb', join('/', path)]);
    const size = Number.parseInt(stdout, 10);
    if (sum + size > bytes) continue;
    sum += size;
    chosen.push(path);
  }
  return chosen;
}

/** `usr/share/doc` goes, and programs come once more. */
async function changes(folder: string): Promise<string> {
  const file = join(folder, 'changes.tar');
  await run('tar', ['-cf', file, '-C', '/', 'usr/sbin']);
  // The type of a whiteout does not count, so a device that every machine has will do.
  await run('tar', ['-rf', file, '--transform', 's,^dev/null$,usr/share/.wh.doc,', '-C', '/', 'dev/null']);
  return file;
}
