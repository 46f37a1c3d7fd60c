import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { layer } from './layer.ts';

/**
 * The files of an archive of images, in their order, by name; a name that ends in `/` is a folder. Tests may replace
 * or remove some to spoil the archive before they write it.
 */
export type ArchiveFiles = Map<string, Buffer | { readonly symlink: string }>;

export interface ArchiveOptions {
  /** Stands before every name, such as `./`. */
  readonly prefix?: string;
  readonly endBlocks?: number;
}

export function archiveOf(files: ArchiveFiles, options: ArchiveOptions = {}): Buffer {
  return Buffer.concat(piecesOf(files, options));
}

export async function writeArchive(
  files: ArchiveFiles,
  path: string,
  options: ArchiveOptions = {},
): Promise<void> {
  await writeFile(path, piecesOf(files, options));
}

function piecesOf(files: ArchiveFiles, { prefix = '', endBlocks }: ArchiveOptions): Buffer[] {
  let archive = layer();
  for (const [name, content] of files) {
    const path = `${prefix}${name}`;
    if (!Buffer.isBuffer(content)) archive = archive.symlink(path, content.symlink);
    else archive = path.endsWith('/') ? archive.directory(path) : archive.file(path, content);
  }
  return archive.pieces(endBlocks);
}

export async function writeFolder(files: ArchiveFiles, folder: string): Promise<void> {
  for (const [name, content] of files) {
    const path = join(folder, name);
    await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (!Buffer.isBuffer(content)) await symlink(content.symlink, path);
    else if (!name.endsWith('/')) await writeFile(path, content);
  }
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
