import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Header, pack } from 'tar-stream';
import { type Archive, makeArchive } from './archive.ts';

const BLOCK = 512;
/** Two zero blocks. */
const END = 2 * BLOCK;

/** An image with one file of so many bytes, all zero; its layer takes no room on the disk. */
export async function makeHugeFileImage(folder: string, size: number): Promise<Archive> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'layer.tar');
  const handle = await open(file, 'w');
  await handle.write(await headerOf({ name: 'huge', size, mode: 0o644, mtime: new Date(0) }));
  await handle.truncate(BLOCK + Math.ceil(size / BLOCK) * BLOCK + END);
  await handle.close();
  return makeArchive(folder, [file]);
}

async function headerOf(header: Partial<Header> & { name: string; size: number }): Promise<Buffer> {
  const tar = pack();
  tar.on('error', () => {
    // That it ends before its data.
  });
  tar.entry(header);
  await once(tar, 'readable');
  const block: unknown = tar.read();
  tar.destroy();
  if (!Buffer.isBuffer(block)) throw new Error('a header is one chunk');
  return block;
}
