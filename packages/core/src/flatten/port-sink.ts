import type { MessagePort } from 'node:worker_threads';
import type { FromEngine, ToThread } from './thread-messages.ts';
import type { ThreadSink } from './thread-sink.ts';

/** Chunks on their way to the main thread at the most. */
const IN_FLIGHT = 4;

/** Passes bytes to the main thread, no more than it takes: each chunk is answered when its receiver is done. */
export class PortSink implements ThreadSink {
  readonly #port: MessagePort;
  readonly #check: () => void;
  #inFlight = 0;
  #wake: () => void = () => {};
  readonly #hear = (message: ToThread): void => {
    if (message === 'taken') this.#inFlight--;
    this.#wake();
  };

  /** `check` throws when the work shall end. */
  constructor(port: MessagePort, check: () => void) {
    this.#port = port;
    this.#check = check;
    port.on('message', this.#hear);
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

  async close(): Promise<void> {
    this.#port.off('message', this.#hear);
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
