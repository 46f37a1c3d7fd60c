import { type ArtifactStore, checkStore, toDimgxError } from '@dimgx/core';
import type { JobQueue } from '@dimgx/queue';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { problemMediaType, problemOf, problemSchema } from '../problems.ts';

const partSchema = z
  .object({ ready: z.boolean(), code: z.string().optional(), message: z.string().optional() })
  .meta({ id: 'PartReadiness' });
const partsSchema = z.object({ redis: partSchema, store: partSchema }).meta({ id: 'Readiness' });
const notReadySchema = problemSchema.extend({ parts: partsSchema }).meta({ id: 'NotReady' });

type Part = z.output<typeof partSchema>;

export interface HealthRoutes {
  readonly queue: Pick<JobQueue, 'ping'>;
  readonly store: ArtifactStore;
}

/** A check of the store writes to it, so its outcome is kept for a while. In milliseconds. */
const storeCheckKept = 5000;
const checkWithin = 900;

export function addHealthRoutes(app: Api, { queue, store }: HealthRoutes): void {
  const storeIsWell = keptFor(storeCheckKept, () => checkStore(store, checkWithin));

  app.route({
    method: 'GET',
    url: '/livez',
    logLevel: 'warn',
    schema: {
      operationId: 'checkLiveness',
      tags: ['health'],
      summary: 'The process serves',
      response: { 200: z.object({ status: z.literal('ok') }) },
    },
    handler: async () => ({ status: 'ok' as const }),
  });

  app.route({
    method: 'GET',
    url: '/readyz',
    logLevel: 'warn',
    schema: {
      operationId: 'checkReadiness',
      tags: ['health'],
      summary: 'All that jobs need is there',
      response: {
        200: z.object({ status: z.literal('ok'), parts: partsSchema }),
        503: {
          description: 'A part is missing',
          content: { [problemMediaType]: { schema: notReadySchema } },
        },
      },
    },
    async handler(_request, reply) {
      const [redis, stored] = await Promise.allSettled([queue.ping(), storeIsWell()]);
      const parts = { redis: partOf(redis), store: partOf(stored) };
      const failed = [redis, stored].find((outcome) => outcome.status === 'rejected');
      if (failed === undefined) return { status: 'ok' as const, parts };
      const problem = {
        ...problemOf(toDimgxError(failed.reason)),
        title: 'Service Unavailable',
        status: 503,
        parts,
      };
      return reply
        .code(503)
        .type(problemMediaType)
        .send({ ...problem, parts });
    },
  });
}

function partOf(outcome: PromiseSettledResult<void>): Part {
  if (outcome.status === 'fulfilled') return { ready: true };
  const { code, message } = toDimgxError(outcome.reason);
  return { ready: false, code, message };
}

/** Runs `check` at most once at a time, and not again for a while after it went well. */
function keptFor(milliseconds: number, check: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let goodUntil = 0;
  return () => {
    if (performance.now() < goodUntil) return Promise.resolve();
    running ??= check()
      .then(() => {
        goodUntil = performance.now() + milliseconds;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  };
}
