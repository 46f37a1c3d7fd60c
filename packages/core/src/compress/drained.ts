import type { Writable } from 'node:stream';

const events = ['drain', 'end', 'close'] as const;

/** Waits until a stream that said it is full takes bytes again, has ended its output, or is closed. */
export function drained(stream: Writable): Promise<void> {
  if (stream.closed || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) stream.off(event, done);
      resolve();
    };
    for (const event of events) stream.on(event, done);
  });
}
