import { Readable } from 'node:stream';
import { DimgxError } from '@dimgx/core';
import type { FastifyReply } from 'fastify';

/** An event of a stream as the HTML standard's server-sent events have it. */
export interface ServerEvent {
  /** What a reader that lost its connection names when it comes again. */
  readonly id?: string;
  readonly event: string;
  readonly data: object;
}

export interface EventStream {
  /** Aborted when the reader is gone or the service stops. */
  readonly signal: AbortSignal;
  send(events: AsyncIterable<ServerEvent>): FastifyReply;
}

/** How long a reader is to wait before it comes again. Milliseconds. */
const comeAgainAfter = 1000;

/** The streams that are open: so many and no more, as each holds a connection. */
export class EventStreams {
  readonly #most: number;
  readonly #open = new Set<AbortController>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Holds a place for as long as the connection of `reply` lasts. Throws `TOO_MANY_STREAMS`. */
  open(reply: FastifyReply): EventStream {
    if (this.#open.size >= this.#most) {
      throw new DimgxError(
        'TOO_MANY_STREAMS',
        `${this.#most} event streams are open: ask for the job instead`,
      );
    }
    const controller = new AbortController();
    this.#open.add(controller);
    reply.raw.once('close', () => {
      this.#open.delete(controller);
      controller.abort();
    });
    return {
      signal: controller.signal,
      send(events) {
        reply.headers({
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          // Its end is the end of the connection, which would keep a stopping server waiting.
          connection: 'close',
          // nginx would keep the events back.
          'x-accel-buffering': 'no',
        });
        return reply.send(Readable.from(framesOf(events), { objectMode: false, highWaterMark: 0 }));
      },
    };
  }

  /** Ends all streams: their readers come again, elsewhere or later. */
  close(): void {
    for (const controller of this.#open) controller.abort();
  }
}

async function* framesOf(events: AsyncIterable<ServerEvent>): AsyncGenerator<Buffer> {
  yield Buffer.from(`retry: ${comeAgainAfter}\n\n`);
  for await (const { id, event, data } of events) {
    const name = id === undefined ? '' : `id: ${id}\n`;
    yield Buffer.from(`${name}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}
