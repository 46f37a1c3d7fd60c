import { once } from 'node:events';
import { Socket } from 'node:net';
import type { ByteSink } from '../compress/block-compressor.ts';
import type { FileTarget } from './options.ts';
import { writeFault } from './write-fault.ts';

/**
 * Writes to a pipe without waiting in write(2), where a thread whose reader stalls could not be stopped. Throws
 * `TARGET_UNWRITABLE` with the system's error as its cause (`EPIPE`: nobody reads any more).
 */
export class PipeSink implements ByteSink {
  readonly #pipe: FileTarget;
  readonly #check: () => void;
  readonly #socket: Socket;

  /** `fd` is the pipe's, and closed with the sink. `check` throws when the work shall end. */
  constructor(pipe: FileTarget, fd: number, check: () => void) {
    this.#pipe = pipe;
    this.#check = check;
    this.#socket = new Socket({ fd, readable: false, writable: true });
    this.#socket.on('error', () => {
      // Each write hears of its own.
    });
  }

  write(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        if (error == null) return resolve();
        try {
          this.#check();
          reject(writeFault(this.#pipe, error));
        } catch (stopped) {
          reject(stopped);
        }
      });
    });
  }

  /** Fails a write that is under way. */
  async close(): Promise<void> {
    if (this.#socket.closed) return;
    this.#socket.destroy();
    await once(this.#socket, 'close');
  }
}
