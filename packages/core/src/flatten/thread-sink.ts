import { fstatSync } from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import type { ByteSink } from '../compress/block-compressor.ts';
import { FileSink } from './file-sink.ts';
import type { FileTarget } from './options.ts';
import { PipeSink } from './pipe-sink.ts';
import { PortSink } from './port-sink.ts';
import { reopenedPipe } from './reopened-pipe.ts';
import type { ToThread } from './thread-messages.ts';

/** Where the engine's thread writes. */
export interface ThreadSink extends ByteSink {
  /** Waits until all is taken. */
  drained(): Promise<void>;
  /** Closes what the sink has opened. */
  close(): Promise<void>;
}

/** The sink for a target, or for the main thread where there is none. `check` throws when the work shall end. */
export function openThreadSink(
  target: FileTarget | undefined,
  port: MessagePort,
  check: () => void,
): ThreadSink {
  if (target === undefined) return new PortSink(port, check);
  const pipe = fstatSync(target.fd).isFIFO() ? reopenedPipe(target.fd) : undefined;
  if (pipe === undefined) {
    const file = new FileSink(target, check);
    return { write: (bytes) => file.write(bytes), drained: async () => {}, close: async () => {} };
  }
  const sink = new PipeSink(target, pipe, check);
  const stop = (message: ToThread): void => {
    if (message === 'stop') void sink.close();
  };
  port.on('message', stop);
  const close = (): Promise<void> => {
    port.off('message', stop);
    return sink.close();
  };
  return { write: (bytes) => sink.write(bytes), drained: async () => {}, close };
}
