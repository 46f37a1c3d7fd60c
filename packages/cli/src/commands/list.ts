import type { ListedJob } from '@dimgx/client';
import { firstItems, mostOnPage } from '../client/first-items.ts';
import { oneLine } from '../error-line.ts';
import { plainTime } from '../plain-table.ts';
import type { ListFlags } from './job-options.ts';
import { configuredClient } from './service-address.ts';

const defaultLimit = 50;

/** `dimgx list`: a line a job, newest first, page after page until there are as many as were asked for. */
export async function list(flags: ListFlags, signal: AbortSignal): Promise<void> {
  const { state, image, label, batch, schedule, trigger, limit = defaultLimit } = flags;
  const query = { state, image, label, batch, schedule, trigger, limit: Math.min(limit, mostOnPage) };
  const jobs = configuredClient(signal).jobs.list(query);
  const line = lineOf(flags);
  // With the first job, or when there is none: a list that fails before has no table.
  let untold = flags.quiet === true || flags.json === true ? '' : `${columns(...titles)}\n`;
  for await (const job of firstItems(jobs, limit)) {
    process.stdout.write(`${untold}${line(job)}\n`);
    untold = '';
  }
  process.stdout.write(untold);
}

const titles = ['ID', 'STATE', 'CREATED', 'IMAGE'] as const;

function lineOf({ quiet, json }: ListFlags): (job: ListedJob) => string {
  if (json === true) return (job) => JSON.stringify(job);
  if (quiet === true) return ({ id }) => oneLine(id);
  return ({ id, state, createdAt, request }) =>
    oneLine(columns(id, state, plainTime(createdAt), request.image));
}

function columns(id: string, state: string, created: string, image: string): string {
  return `${id.padEnd(36)}  ${state.padEnd(9)}  ${created.padEnd(20)}  ${image}`;
}
