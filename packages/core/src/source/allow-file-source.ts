import { realpath } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { DimgxError } from '../errors.ts';
import type { ImageReference } from '../image/reference.ts';
import { unreadable } from './archive-file.ts';

/**
 * The reference that a service may open for somebody else: as it is where it names no file, with the file's real
 * path where that lies below one of the folders that the operator allows.
 *
 * Throws `SOURCE_REFUSED`; for a path inside an allowed folder also `ARCHIVE_NOT_FOUND` or `ARCHIVE_UNREADABLE`.
 */
export async function allowFileSource(
  reference: ImageReference,
  folders: readonly string[],
): Promise<ImageReference> {
  switch (reference.transport) {
    case 'docker-archive':
    case 'oci-archive':
      return { ...reference, file: await allowedPath(reference.file, folders) };
    case 'oci':
      return { ...reference, folder: await allowedPath(reference.folder, folders) };
    case 'stdin':
      throw new DimgxError('SOURCE_REFUSED', 'a service has no standard input to read an image from');
    default:
      return reference;
  }
}

async function allowedPath(path: string, folders: readonly string[]): Promise<string> {
  if (!isAbsolute(path)) throw refused(path, 'is not absolute, and a service is in no folder');
  // Before the path is looked at, so that nobody learns what else is on the disk.
  if (!folders.some((folder) => isWithin(resolve(path), resolve(folder)))) throw refused(path, outside);
  const real = await realpath(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  for (const folder of folders) {
    // A folder that is not there allows nothing.
    const realFolder = await realpath(folder).catch(() => undefined);
    if (realFolder !== undefined && isWithin(real, realFolder)) return real;
  }
  throw refused(path, `leads to a place that ${outside}`);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

const outside = 'is not below any of the folders that this service may read (DIMGX_FILE_SOURCES)';

function refused(path: string, why: string): DimgxError {
  return new DimgxError('SOURCE_REFUSED', `the path ${JSON.stringify(path)} ${why}`);
}
