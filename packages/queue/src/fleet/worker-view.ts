import { z } from 'zod';
import { poolSchema } from '../job-request.ts';
import { timeSchema } from '../rfc3339.ts';

const bytes = z.int().nonnegative();

/** A part that is away and that a worker waits for. */
const workerOutageSchema = z.object({
  part: z.enum(['store', 'engine']).describe('The store of artifacts, or the Docker engine of the worker'),
  code: z.string().describe('Of the fault by which it was found away'),
  since: timeSchema.describe('When it was found away'),
});

export type WorkerOutage = z.output<typeof workerOutageSchema>;

/** What a worker tells of itself. */
export const workerViewSchema = z.object({
  name: z.string().describe('As the jobs that it works on name it'),
  host: z.string(),
  pools: z.array(poolSchema).describe('Whose jobs it takes'),
  draining: z
    .boolean()
    .default(false)
    .describe('Whether it is being stopped: it takes no more jobs, and ends when it has none left'),
  outages: z
    .array(workerOutageSchema)
    .default([])
    .describe('What it waits for: while there is any, it takes no jobs'),
  capacity: z.int().positive().describe('Jobs at a time, of all its pools together'),
  jobs: z.array(z.string()).describe('Ids of those that it works on'),
  version: z.string().describe('Of dimgx'),
  nodeVersion: z.string(),
  platform: z.string().describe('Of the host, such as linux/arm64; it flattens images of any'),
  dockerVersion: z.string().optional().describe('Of its engine, where one answers'),
  cpus: z.int().positive(),
  load: z.array(z.number()).describe('Of the host: the averages over 1, 5 and 15 minutes'),
  memory: z.object({ free: bytes, total: bytes }).describe('Of the host'),
  spool: z.object({ free: bytes, total: bytes }).describe('Of the disk where content is spooled'),
  process: z
    .object({
      residentBytes: bytes,
      eventLoopDelayMs: z
        .number()
        .nonnegative()
        .describe('The longest that it was not at its events since it last told of itself'),
    })
    .describe('Of the worker itself'),
  startedAt: timeSchema,
  seenAt: timeSchema.describe('When it last told of itself'),
});

export type WorkerView = z.output<typeof workerViewSchema>;
