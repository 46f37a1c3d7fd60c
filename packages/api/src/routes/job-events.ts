import { isJournalId, type JobEvent, type JobQueue } from '@dimgx/queue';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { EventStreams, type ServerEvent } from '../event-streams.ts';
import { problemResponses } from '../problems.ts';
import { jobId, jobParameters } from './jobs.ts';

export interface JobEventRoutes {
  readonly queue: Pick<JobQueue, 'watch'>;
  /** How many streams may be open. */
  readonly eventStreams: number;
}

export function addJobEventRoutes(app: Api, { queue, eventStreams }: JobEventRoutes): void {
  const streams = new EventStreams(eventStreams);
  app.addHook('preClose', async () => streams.close());

  app.route({
    method: 'GET',
    url: '/jobs/:id/events',
    exposeHeadRoute: false,
    config: { scope: 'read' },
    schema: {
      operationId: 'followJob',
      tags: ['jobs'],
      summary: 'What happens to a job, as it happens',
      description:
        'Server-sent events: state (its data: id, at, state, attempt, worker, error), progress (as of the job) and ' +
        'heartbeat (at). The stream begins with the state of the job, or after the one that Last-Event-ID names, and ' +
        'ends when the job has ended. 204: the reader knows that already.',
      headers: z.looseObject({ 'last-event-id': z.string().optional() }),
      params: jobParameters,
      response: problemResponses('UNAUTHORIZED', 'JOB_NOT_FOUND', 'TOO_MANY_STREAMS', 'REDIS_UNREACHABLE'),
    },
    async handler({ params, headers }, reply) {
      const id = jobId(params.id);
      const last = headers['last-event-id'];
      const after = last !== undefined && isJournalId(last) ? last : undefined;
      const stream = streams.open(reply);
      const events = await queue.watch(id, after, stream.signal);
      return events === undefined ? reply.code(204).send() : stream.send(serverEvents(events));
    },
  });
}

async function* serverEvents(events: AsyncIterable<JobEvent>): AsyncGenerator<ServerEvent> {
  for await (const event of events) {
    if (event.kind === 'state') yield { id: event.change.id, event: 'state', data: event.change };
    else if (event.kind === 'progress') yield { event: 'progress', data: event.progress };
    else yield { event: 'heartbeat', data: { at: event.at } };
  }
}
