import { type Fleet, serviceStatsSchema, workerViewSchema } from '@dimgx/queue';
import { z } from 'zod';
import type { Api } from '../api.ts';

export interface WorkerRoutes {
  readonly fleet: Pick<Fleet, 'list' | 'stats'>;
}

const tags = ['workers'];
const config = { scope: 'read' } as const;

/** Who works, and how much there is to do. */
export function addWorkerRoutes(app: Api, { fleet }: WorkerRoutes): void {
  app.route({
    method: 'GET',
    url: '/workers',
    config,
    schema: {
      operationId: 'listWorkers',
      tags,
      summary: 'The workers that are there',
      description: 'One that stops is gone at once, one that dies after twenty seconds.',
      response: { 200: z.object({ items: z.array(workerViewSchema) }) },
    },
    handler: async () => ({ items: await fleet.list() }),
  });

  app.route({
    method: 'GET',
    url: '/stats',
    config,
    schema: {
      operationId: 'getStats',
      tags,
      summary: 'How many jobs there are by state and pool, and how long the oldest waits',
      response: { 200: serviceStatsSchema },
    },
    handler: () => fleet.stats(),
  });
}
