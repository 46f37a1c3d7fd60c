import { write } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ByteSink } from '../compress/block-compressor.ts';
import { DimgxError, systemCode } from '../errors.ts';

const writeFile = promisify(write);

const RETRY_MS = 2;

/**
 * Writes to an open file, pipe or device from where it stands. Throws `NO_SPACE`, or `TARGET_UNWRITABLE` with the
 * system's error as its cause (`EPIPE`: nobody reads any more).
 */
export class FileSink implements ByteSink {
  readonly #fd: number;
  readonly #check: () => void;

  /** `check` throws when the work shall end. */
  constructor(fd: number, check: () => void) {
    this.#fd = fd;
    this.#check = check;
  }

  async write(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      try {
        done += (await writeFile(this.#fd, bytes, done, bytes.length - done, null)).bytesWritten;
      } catch (error) {
        // A pipe may have been made non-blocking by whoever shares it.
        if (systemCode(error) !== 'EAGAIN') throw writeError(error);
        this.#check();
        await setTimeout(RETRY_MS);
      }
    }
  }
}

function writeError(cause: unknown): DimgxError {
  const reason = systemCode(cause) ?? 'unknown fault';
  if (reason === 'ENOSPC' || reason === 'EDQUOT') {
    return new DimgxError(
      'NO_SPACE',
      'no space left where the tar is written: free some, or choose another place',
      { cause },
    );
  }
  return new DimgxError('TARGET_UNWRITABLE', `the tar can't be written on (${reason})`, { cause });
}
