import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { type Archive, makeArchive } from './archive.ts';

const perDirectory = 200;
const mtime = new Date('2025-01-01T00:00:00Z');

export interface SmallFiles {
  readonly files: number;
  readonly layers: number;
}

/** An image of many small files, 0 to 4 KiB, spread over its layers; each replaces some of the one below. */
export async function makeSmallFilesImage(folder: string, { files, layers }: SmallFiles): Promise<Archive> {
  await mkdir(folder, { recursive: true });
  const perLayer = Math.ceil(files / layers);
  const tars: string[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const file = join(folder, `layer-${layer}.tar`);
    // A tenth of the files of the layer below comes again.
    const first = Math.max(0, Math.floor((layer - 0.1) * perLayer));
    await writeLayer(file, first, Math.min(files, (layer + 1) * perLayer));
    tars.push(file);
  }
  return makeArchive(folder, tars);
}

async function writeLayer(file: string, first: number, end: number): Promise<void> {
  const tar = pack();
  const written = pipeline(tar, createWriteStream(file));
  const text = Buffer.alloc(4096, 'The quick brown fox jumps over the lazy dog. ');
  for (let index = first; index < end; index++) {
    if (index === first || index % perDirectory === 0) {
      tar.entry({ name: `${directory(index)}/`, type: 'directory', mode: 0o755, mtime });
    }
    // Sizes that look like chance and are the same each time.
    const content = text.subarray(0, (index * 2_654_435_761) % 4096);
    const name = `${directory(index)}/file-${index}.txt`;
    await new Promise<void>((resolve, reject) => {
      tar.entry({ name, mode: 0o644, mtime }, content, (error) => (error ? reject(error) : resolve()));
    });
  }
  tar.finalize();
  await written;
}

function directory(index: number): string {
  const number = Math.floor(index / perDirectory);
  return `srv/${Math.floor(number / 100)}/${number}`;
}
