import { fstatSync, write, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ByteSink } from '../compress/block-compressor.ts';
import { DimgxError, systemCode } from '../errors.ts';
import { WRITE_PIECE } from '../write-piece.ts';
import type { FileTarget } from './options.ts';

const writeFile = promisify(write);

const RETRY_MS = 2;
/** The disk's space, a quota's, or the largest file that the system or `ulimit -f` allows. */
const noSpace: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Writes to an open file, pipe or device from where it stands. A file is written by the calling thread itself: the page
 * cache takes it at the speed of memory, and handing it to another thread cost more than that. Throws `NO_SPACE`, or `TARGET_UNWRITABLE` with the
 * system's error as its cause (`EPIPE`: nobody reads any more).
 */
export class FileSink implements ByteSink {
  readonly #file: FileTarget;
  readonly #check: () => void;
  readonly #isFile: boolean;

  /** `check` throws when the work shall end. */
  constructor(file: FileTarget, check: () => void) {
    this.#file = file;
    this.#check = check;
    this.#isFile = fstatSync(file.fd).isFile();
  }

  async write(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      try {
        done += this.#isFile ? this.#writePiece(bytes, done) : await this.#writeRest(bytes, done);
      } catch (error) {
        // A pipe may have been made non-blocking by whoever shares it.
        if (systemCode(error) !== 'EAGAIN') throw writeError(this.#file, error);
        this.#check();
        await setTimeout(RETRY_MS);
      }
    }
  }

  #writePiece(bytes: Buffer, start: number): number {
    this.#check();
    return writeSync(this.#file.fd, bytes, start, Math.min(WRITE_PIECE, bytes.length - start));
  }

  /** A pipe's reader and a device may take their time. */
  async #writeRest(bytes: Buffer, start: number): Promise<number> {
    return (await writeFile(this.#file.fd, bytes, start, bytes.length - start, null)).bytesWritten;
  }
}

function writeError({ name = 'the tar' }: FileTarget, cause: unknown): DimgxError {
  const reason = systemCode(cause) ?? 'unknown fault';
  if (noSpace.has(reason)) {
    return new DimgxError('NO_SPACE', `no space left for ${name}: free some, or choose another place`, {
      cause,
    });
  }
  return new DimgxError('TARGET_UNWRITABLE', `${name} can't be written on (${reason})`, { cause });
}
