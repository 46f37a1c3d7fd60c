import { write } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ByteSink } from '../compress/block-compressor.ts';
import { DimgxError, systemCode } from '../errors.ts';
import type { FileTarget } from './options.ts';

const writeFile = promisify(write);

const RETRY_MS = 2;
/** The disk's space, a quota's, or the largest file that the system or `ulimit -f` allows. */
const noSpace: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Writes to an open file, pipe or device from where it stands. Throws `NO_SPACE`, or `TARGET_UNWRITABLE` with the
 * system's error as its cause (`EPIPE`: nobody reads any more).
 */
export class FileSink implements ByteSink {
  readonly #file: FileTarget;
  readonly #check: () => void;

  /** `check` throws when the work shall end. */
  constructor(file: FileTarget, check: () => void) {
    this.#file = file;
    this.#check = check;
  }

  async write(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      try {
        done += (await writeFile(this.#file.fd, bytes, done, bytes.length - done, null)).bytesWritten;
      } catch (error) {
        // A pipe may have been made non-blocking by whoever shares it.
        if (systemCode(error) !== 'EAGAIN') throw writeError(this.#file, error);
        this.#check();
        await setTimeout(RETRY_MS);
      }
    }
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
