import { Readable } from 'node:stream';

interface ObjectStreamOptions {
  /** Not aborted yet: nobody could listen to the stream's error. */
  readonly signal: AbortSignal;
  /** Turns a fault of the body into what the reader is told. */
  readonly toError: (thrown: unknown) => Error;
}

/** The body of an object, whose faults are ours and which ends, with the body, as soon as the signal says so. */
export class ObjectStream extends Readable {
  readonly #body: Readable;
  #ended = false;

  constructor(body: Readable, { signal, toError }: ObjectStreamOptions) {
    super();
    this.#body = body.pause();
    body.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) body.pause();
    });
    body.once('end', () => {
      this.#ended = true;
      this.push(null);
    });
    body.on('error', (error) => this.destroy(toError(error)));
    body.once('close', () => {
      if (!this.#ended) this.destroy(toError(new Error('the connection was closed in mid-object')));
    });
    const onAbort = () => this.destroy(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.once('close', () => signal.removeEventListener('abort', onAbort));
  }

  override _read(): void {
    this.#body.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#body.destroy();
    done(error);
  }
}
