import type { MessagePort } from 'node:worker_threads';
import type { FromEngine, ToEngine } from './thread-messages.ts';
import type { ThreadSink } from './thread-sink.ts';

/** Chunks on their way to the main thread at the most. */
const IN_FLIGHT = 4;

/** Passes bytes to the main thread, no more than it takes: each chunk is answered when its receiver is done. */
export class PortSink implements ThreadSink {
  readonly #port: MessagePort;
  readonly #check: () => void;
  #inFlight = 0;
  #wake: () => void = () => {};

  /** `check` throws when the work shall end. */
  constructor(port: MessagePort, check: () => void) {
    this.#port = port;
    this.#check = check;
    port.on('message', (message: ToEngine) => {
      if (message === 'taken') this.#inFlight--;
      this.#wake();
    });
  }

  async write(bytes: Buffer): Promise<void> {
    await this.#until(() => this.#inFlight < IN_FLIGHT);
    const chunk = new Uint8Array(bytes);
    this.#inFlight++;
    this.#port.postMessage({ kind: 'chunk', bytes: chunk } satisfies FromEngine, [chunk.buffer]);
  }

  /** Waits until all chunks are taken. */
  drained(): Promise<void> {
    return this.#until(() => this.#inFlight === 0);
  }

  /** Lets the thread end. */
  close(): void {
    this.#port.removeAllListeners('message');
    this.#port.unref();
  }

  async #until(condition: () => boolean): Promise<void> {
    this.#check();
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#check();
    }
  }
}
