import {
  idempotencyOf,
  type Schedules,
  scheduleRequestSchema,
  scheduleRunSchema,
  scheduleSchema,
} from '@dimgx/queue';
import { z } from 'zod';
import { type Admission, admissionFaults, admit } from '../admission.ts';
import type { Api } from '../api.ts';
import { admitBatch } from '../batch-admission.ts';
import { problemOfItems, sendProblem } from '../faults.ts';
import { problemResponses } from '../problems.ts';
import { idempotentHeaders } from './jobs.ts';

export interface ScheduleRoutes extends Admission {
  readonly schedules: Omit<Schedules, 'close'>;
}

const tags = ['schedules'];
const parameters = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be a-z, 0-9 and "-", 63 at the most'),
});
const config = { scope: 'manage' } as const;
const ofOne = problemResponses('REQUEST_INVALID', 'SCHEDULE_NOT_FOUND');

/** Jobs and batches by the clock. */
export function addScheduleRoutes(app: Api, { schedules, ...admission }: ScheduleRoutes): void {
  app.route({
    method: 'PUT',
    url: '/schedules/:id',
    config,
    schema: {
      operationId: 'putSchedule',
      tags,
      summary: 'Make a schedule, or take the place of the one that is there',
      params: parameters,
      body: scheduleRequestSchema,
      response: {
        200: scheduleSchema.describe('It was there and is changed'),
        201: scheduleSchema,
        ...problemResponses(
          ...(['REQUEST_INVALID', 'BODY_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED', ...admissionFaults] as const),
        ),
      },
    },
    async handler(request, reply) {
      const { params, body, log } = request;
      if (body.job !== undefined) await admit(body.job, admission);
      else {
        const admitted = await admitBatch(body.batch, admission);
        if ('faults' in admitted) {
          const places = admitted.faults.map((fault) => ({ ...fault, pointer: `/batch${fault.pointer}` }));
          return sendProblem(problemOfItems(places[0]?.code ?? 'REQUEST_INVALID', places), request, reply);
        }
      }
      const { schedule, isNew } = await schedules.put(params.id, body);
      log.info({ schedule: params.id }, isNew ? 'schedule made' : 'schedule changed');
      return reply.code(isNew ? 201 : 200).send(schedule);
    },
  });

  app.route({
    method: 'GET',
    url: '/schedules',
    config: { scope: 'read' },
    schema: {
      operationId: 'listSchedules',
      tags,
      summary: 'All schedules, oldest first',
      response: { 200: z.object({ items: z.array(scheduleSchema) }) },
    },
    handler: async () => ({ items: await schedules.list() }),
  });

  app.route({
    method: 'GET',
    url: '/schedules/:id',
    config: { scope: 'read' },
    schema: {
      operationId: 'getSchedule',
      tags,
      summary: 'One schedule, its next times, and what became of its last 50 runs',
      params: parameters,
      response: {
        200: z.object({
          schedule: scheduleSchema,
          runs: z.array(scheduleRunSchema).describe('Newest first'),
        }),
        ...ofOne,
      },
    },
    handler: ({ params }) => schedules.find(params.id),
  });

  app.route({
    method: 'DELETE',
    url: '/schedules/:id',
    config,
    schema: {
      operationId: 'deleteSchedule',
      tags,
      summary: 'Delete a schedule',
      description: 'What it has made stays and goes on.',
      params: parameters,
      response: { 204: z.undefined(), ...ofOne },
    },
    async handler({ params, log }, reply) {
      await schedules.forget(params.id);
      log.info({ schedule: params.id }, 'schedule deleted');
      return reply.code(204).send();
    },
  });

  addScheduleActions(app, schedules);
}

function addScheduleActions(app: Api, schedules: ScheduleRoutes['schedules']): void {
  app.route({
    method: 'POST',
    url: '/schedules/:id/run',
    config,
    schema: {
      operationId: 'runSchedule',
      tags,
      summary: 'Run a schedule now, beside its times',
      description:
        'Also while it is paused; left out, as at its times, if the last run has not ended and overlap is skip.',
      headers: idempotentHeaders,
      params: parameters,
      response: {
        200: scheduleRunSchema,
        ...problemResponses('REQUEST_INVALID', 'SCHEDULE_NOT_FOUND', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async handler({ params, headers, client, trace, log }) {
      const key = headers['idempotency-key'];
      const idempotency = key === undefined ? undefined : idempotencyOf(client, key, { run: params.id });
      const run = await schedules.run(params.id, { idempotency, trace });
      log.info({ schedule: params.id, ...run }, 'schedule run by hand');
      return run;
    },
  });

  for (const [operationId, action, paused] of [
    ['pauseSchedule', 'pause', true],
    ['resumeSchedule', 'resume', false],
  ] as const) {
    app.route({
      method: 'POST',
      url: `/schedules/:id/${action}`,
      config,
      schema: {
        operationId,
        tags,
        summary: paused ? 'Pause a schedule' : 'Have a schedule go on with its next time',
        params: parameters,
        response: { 200: scheduleSchema, ...ofOne },
      },
      async handler({ params, log }) {
        const schedule = await schedules.pause(params.id, paused);
        log.info({ schedule: params.id, paused }, 'schedule changed');
        return schedule;
      },
    });
  }
}
