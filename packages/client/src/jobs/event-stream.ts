import type { Connection } from '../requests/connection.ts';
import { jsonOf } from '../requests/refusal.ts';
import { path } from '../requests/request.ts';
import { isEventStream, type ServerEvent, serverEvents } from '../requests/server-events.ts';
import { ServiceError } from '../requests/service-error.ts';
import type { JobEvent } from './job-event.ts';
import type { EventOptions } from './jobs.ts';

/** The service sends a heartbeat at least every quarter of a minute. */
const longestSilenceMs = 45_000;

export type EventStream = AsyncGenerator<JobEvent, void, undefined>;

/**
 * The events of a job over one connection: they end with it, however that ends. Undefined where there is nothing to
 * tell behind the last event. Throws what the service refuses with, or the signal's reason.
 */
export async function openEvents(
  connection: Connection,
  id: string,
  { lastEventId, signal, patienceMs }: EventOptions,
): Promise<EventStream | undefined> {
  const silence = new AbortController();
  const both = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const request = { path: path`/v1/jobs/${id}/events`, headers };
  const response = await connection.open(request, { signal: both, patienceMs });
  if (response.status === 204) return undefined;
  if (!isEventStream(response)) {
    await response.body?.cancel();
    throw new ServiceError('INTERNAL', `the service sends no events of job ${id}`, {
      status: response.status,
    });
  }
  return untilSilence(serverEvents(response), silence, connection.signal(signal));
}

async function* untilSilence(
  events: AsyncIterable<ServerEvent>,
  silence: AbortController,
  stop: AbortSignal,
): EventStream {
  const listen = () => setTimeout(() => silence.abort(), longestSilenceMs);
  let timer = listen();
  const source = events[Symbol.asyncIterator]();
  try {
    for (;;) {
      // A connection that breaks is at its end too.
      const next = await source.next().catch(() => undefined);
      stop.throwIfAborted();
      if (next === undefined || next.done === true) return;
      clearTimeout(timer);
      timer = listen();
      const event = jobEventOf(next.value);
      if (event !== undefined) yield event;
    }
  } finally {
    clearTimeout(timer);
    await source.return?.();
  }
}

/** Undefined for a heartbeat, and for what a newer service may tell besides. */
function jobEventOf({ event, data }: ServerEvent): JobEvent | undefined {
  if (event !== 'state' && event !== 'progress') return undefined;
  const told = jsonOf(data);
  return typeof told === 'object' && told !== null ? ({ type: event, ...told } as JobEvent) : undefined;
}
