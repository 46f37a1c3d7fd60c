import { close, constants, fstat, open, type Stats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type OnReadOpts, Socket } from 'node:net';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { compressionOfRegion } from '../compress/decompress.ts';
import { DimgxError, systemCode, systemWords } from '../errors.ts';
import { limitsWith } from '../flatten/limits.ts';
import { OpenFiles, type Release } from './open-files.ts';
import { PhaseProgress } from './phase-progress.ts';
import { type ByteTaker, readSocket } from './read-socket.ts';
import type { SourceOptions } from './source.ts';
import { type Spooled, type SpoolOptions, spool, spoolFrom } from './spool.ts';
import { uncompressedBytes } from './uncompressed-bytes.ts';

const closeDescriptor = promisify(close);

/** An open archive: where its bytes are, and what messages call it. */
export interface ArchiveFile {
  readonly label: string;
  readonly fd: number;
  /** Bytes. */
  readonly size: number;
  readonly files: OpenFiles;
  /** The claim of whoever opened it. */
  readonly release: Release;
}

/**
 * Opens an archive where it lies. What can't be read at any place, a pipe or a compressed file, is spooled first.
 *
 * Throws `ARCHIVE_NOT_FOUND`, `ARCHIVE_UNREADABLE`, `ARCHIVE_INVALID`, `ARCHIVE_TRUNCATED`,
 * `COMPRESSION_INVALID`, `COMPRESSION_UNSUPPORTED`, `LIMIT_EXCEEDED`, `NO_SPACE`, `CONFIG_INVALID` or the signal's reason.
 */
export async function openArchiveFile(path: string, options: SourceOptions): Promise<ArchiveFile> {
  const { fd, stats } = await openPath(path);
  if (stats.isFIFO()) return openPipe(fd, path, options);
  if (stats.isFile()) return unpackedIfNeeded(owning(path, fd, stats.size), options);
  await closeDescriptor(fd);
  const what = stats.isDirectory()
    ? `is a folder, not an archive; for an OCI layout write oci:${path}`
    : 'is neither a file nor a pipe';
  throw new DimgxError('ARCHIVE_UNREADABLE', `${path} ${what}`);
}

const ON_STDIN = 'the archive on stdin';

/** As `openArchiveFile`: a file that stdin was redirected to is read where it lies. Throws `USAGE` for a terminal. */
export async function openArchiveOnStdin(options: SourceOptions): Promise<ArchiveFile> {
  if (isatty(0)) throw new DimgxError('USAGE', 'stdin is a terminal: pipe an archive in, or name its file');
  const file = await fileOnStdin();
  if (file !== undefined) return unpackedIfNeeded(owning(ON_STDIN, file.fd, file.size), options);
  const stats = await promisify(fstat)(0);
  if (stats.isFIFO() || stats.isSocket()) return openPipe(0, ON_STDIN, options);
  return openArchiveStream(process.stdin, ON_STDIN, options);
}

/** Closes the descriptor. */
async function openPipe(fd: number, label: string, options: SourceOptions): Promise<ArchiveFile> {
  const { signal } = options;
  let socket: Socket | undefined;
  const open = (onread: OnReadOpts) => {
    socket = new Socket({ fd, readable: true, writable: false, onread });
    return socket;
  };
  const fill = (taker: ByteTaker) =>
    readSocket(open, { add: (bytes) => taker.add(bytes), ready: () => taker.ready(), signal });
  try {
    return await openArchiveFrom(fill, label, options);
  } finally {
    // It closes itself.
    if (socket === undefined) await closeDescriptor(fd);
  }
}

/** The file once more, so that it can be closed; undefined for a pipe, or if somebody has read from it before. */
async function fileOnStdin(): Promise<{ fd: number; size: number } | undefined> {
  try {
    if (!(await promisify(fstat)(0)).isFile()) return undefined;
    if (!/^pos:\s*0$/m.test(await readFile('/proc/self/fdinfo/0', 'utf8'))) return undefined;
    const { fd, stats } = await openPath('/proc/self/fd/0');
    return { fd, size: stats.size };
  } catch {
    // Not on Linux, or a file that may not be opened again: its bytes still come as a stream.
    return undefined;
  }
}

/** Spools an archive that comes as a stream, which it consumes or destroys. Throws as `openArchiveFile`. */
export async function openArchiveStream(
  stream: Readable,
  label: string,
  options: SourceOptions,
): Promise<ArchiveFile> {
  return unpackedIfNeeded(await spooled((spooling) => spool(stream, spooling), label, options), options);
}

/** As `openArchiveStream`, of what `fill` gives to its taker; what that throws is thrown too. */
export async function openArchiveFrom(
  fill: (taker: ByteTaker) => Promise<void>,
  label: string,
  options: SourceOptions,
): Promise<ArchiveFile> {
  return unpackedIfNeeded(await spooled((spooling) => spoolFrom(fill, spooling), label, options), options);
}

async function spooled(
  spoolWith: (spooling: SpoolOptions) => Promise<Spooled>,
  label: string,
  options: SourceOptions,
): Promise<ArchiveFile> {
  const { uncompressedBytes } = limitsWith(options.limits);
  const progress = new PhaseProgress('fetch', options.onProgress);
  const { fd, size } = await spoolWith({
    folder: options.spoolFolder,
    signal: options.signal,
    mostBytes: uncompressedBytes,
    onBytes: (total) => progress.bytes(total),
  });
  progress.done();
  return owning(label, fd, size);
}

function owning(label: string, fd: number, size: number): ArchiveFile {
  const files = new OpenFiles();
  files.adopt(fd);
  return { label, fd, size, files, release: files.hold() };
}

async function unpackedIfNeeded(archive: ArchiveFile, options: SourceOptions): Promise<ArchiveFile> {
  const { label, fd, size, release } = archive;
  const region = { fd, offset: 0, size };
  const algorithm = compressionOfRegion(region);
  if (algorithm === 'none') return archive;
  try {
    const bytes = uncompressedBytes(label, region, algorithm, limitsWith(options.limits));
    const stream = Readable.from(bytes, { objectMode: false });
    return await spooled((spooling) => spool(stream, spooling), label, options);
  } finally {
    await release();
  }
}

/** Without blocking: the opening of a pipe would else wait, deaf to the signal, for somebody who writes to it. */
async function openPath(path: string): Promise<{ fd: number; stats: Stats }> {
  try {
    const fd = await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { fd, stats: await promisify(fstat)(fd) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The error for a path of an image that the system won't open. */
export function unreadable(path: string, error: unknown): DimgxError {
  const code = systemCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new DimgxError('ARCHIVE_NOT_FOUND', `there is no ${resolve(path)}`, { cause: error });
  }
  return new DimgxError('ARCHIVE_UNREADABLE', `${path} can't be read: ${systemWords(error)}`, {
    cause: error,
  });
}
