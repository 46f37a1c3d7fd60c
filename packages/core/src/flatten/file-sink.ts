import { fstatSync, write, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ByteSink } from '../compress/block-compressor.ts';
import { systemCode } from '../errors.ts';
import { WRITE_PIECE } from '../image/write-piece.ts';
import type { FileTarget } from './options.ts';
import { writeFault } from './write-fault.ts';

const writeFile = promisify(write);

const RETRY_MS = 2;

/**
 * Writes to an open file, pipe or device from where it stands. A file is written by the calling thread itself: the page
 * cache takes it at the speed of memory, and to hand it to another thread costs more than that. Throws `NO_SPACE`, or
 * `TARGET_UNWRITABLE` with the system's error as its cause (`EPIPE`: nobody reads any more).
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
      this.#check();
      try {
        done += this.#isFile ? this.#writePiece(bytes, done) : await this.#writeRest(bytes, done);
      } catch (error) {
        // A pipe may have been made non-blocking by whoever shares it.
        if (systemCode(error) !== 'EAGAIN') throw writeFault(this.#file, error);
        await setTimeout(RETRY_MS);
      }
    }
  }

  #writePiece(bytes: Buffer, start: number): number {
    return writeSync(this.#file.fd, bytes, start, Math.min(WRITE_PIECE, bytes.length - start));
  }

  /** A pipe's reader and a device may take their time. */
  async #writeRest(bytes: Buffer, start: number): Promise<number> {
    return (await writeFile(this.#file.fd, bytes, start, bytes.length - start, null)).bytesWritten;
  }
}
