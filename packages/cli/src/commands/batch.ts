import type { Batch, BatchRequest, DimgxClient, Job, ListedJob } from '@dimgx/client';
import { DimgxError } from '@dimgx/core';
import { firstItems, mostOnPage } from '../client/first-items.ts';
import { errorLine } from '../error-line.ts';
import { BatchProgress } from '../progress/batch-progress.ts';
import { drawnLine } from '../progress/progress-display.ts';
import { formatCount } from '../quantity.ts';
import { batchOf, byLines } from './batch-items.ts';
import type { BatchFlags } from './batch-options.ts';
import { batchLine } from './batches.ts';
import { withGoingOn } from './going-on.ts';
import { inputText } from './input-text.ts';
import { type PooledJob, poolWarning } from './pool-warning.ts';
import { watchPool } from './pool-watch.ts';
import { configuredClient } from './service-address.ts';
import { requestTemplate } from './submit-request.ts';
import { ToldRetries } from './told-retries.ts';
import { say, warn } from './warnings.ts';

type WaitFlags = Pick<BatchFlags, 'wait' | 'json'>;

/** As many failed jobs are told one by one. */
const mostTold = 20;

/** `dimgx batch`: with `--wait`, rejects with the fault of the first job that failed, when all have ended. */
export async function batch(file: string, flags: BatchFlags, signal: AbortSignal): Promise<void> {
  const client = configuredClient(signal);
  const callback = flags.callback === undefined ? undefined : { url: flags.callback };
  const { body, ...places } = batchOf(await inputText(file), requestTemplate(flags));
  const made = await client.batches.submit({ ...body, callback }).catch((error: unknown) => {
    throw byLines(error, places);
  });
  await follow(client, { made, jobs: jobsOf(body) }, flags, signal);
}

/** `dimgx batches retry`: the same of what failed in a batch before. */
export async function retryBatch(id: string, flags: WaitFlags, signal: AbortSignal): Promise<void> {
  const client = configuredClient(signal);
  const made = await client.batches.retry(id);
  // Its own are made after the answer.
  const failed = await someJobs(client, id, 'failed').catch(() => []);
  const jobs = failed.map(({ request }): PooledJob => ({ state: 'queued', request }));
  await follow(client, { made, jobs }, flags, signal);
}

/** What becomes of a request, as far as pools are concerned. */
function jobsOf(body: BatchRequest): PooledJob[] {
  const parts = 'jobs' in body ? body.jobs : [body.template];
  return parts.map((part) => ({ state: 'queued', request: { pool: part?.pool ?? 'default' } }));
}

/** As many as come with one answer. */
function someJobs({ batches }: DimgxClient, id: string, state: Job['state']): Promise<ListedJob[]> {
  return Array.fromAsync(firstItems(batches.jobs(id, { state, limit: mostOnPage }), mostOnPage));
}

interface Submission {
  readonly made: Batch;
  readonly jobs: readonly PooledJob[];
}

async function follow(
  client: DimgxClient,
  { made, jobs }: Submission,
  { wait, json }: WaitFlags,
  signal: AbortSignal,
): Promise<void> {
  if (wait !== true) {
    process.stdout.write(json === true ? `${JSON.stringify(made)}\n` : `${made.id}\n`);
  } else say(`batch ${made.id} submitted: ${formatCount(made.total, 'job', 'jobs')}`);
  const warning = await poolWarning(client, jobs);
  if (warning !== undefined) warn(warning);
  if (wait !== true) return;
  const ended = await endOf(client, { id: made.id, isUnserved: warning !== undefined }, signal);
  process.stdout.write(json === true ? `${JSON.stringify(ended)}\n` : `${batchLine(ended)}\n`);
  if (ended.counts.failed > 0) throw await firstFault(client, ended);
  if (ended.counts.cancelled > 0) {
    throw new DimgxError('CANCELLED', `${ended.counts.cancelled} jobs of batch ${ended.id} were cancelled`);
  }
}

interface Waiting extends Pick<Batch, 'id'> {
  /** Whether it was said that jobs have no workers. */
  readonly isUnserved: boolean;
}

async function endOf(client: DimgxClient, { id, isUnserved }: Waiting, signal: AbortSignal): Promise<Batch> {
  const line = drawnLine({ stream: process.stderr, environment: process.env });
  const progress = new BatchProgress();
  const retries = new ToldRetries();
  const onProgress = (batch: Batch) => {
    const news = retries.news(batch);
    if (news.length > 0) line?.finish();
    for (const each of news) say(each);
    line?.draw((columns, color) => progress.line(batch, performance.now(), columns, color));
  };
  const endWatch = watchPool(client, {
    isKnown: isUnserved,
    jobs: () => someJobs(client, id, 'queued'),
    warn(message) {
      line?.finish();
      warn(message);
    },
  });
  try {
    return await client.batches.wait(id, { onProgress }).finally(() => {
      endWatch();
      line?.finish();
    });
  } catch (error) {
    const names = { noun: ['batch', 'batches'], show: 'batches status', cancel: 'batches cancel' } as const;
    throw withGoingOn(error, signal, { ...names, ids: [id] });
  }
}

/** Tells of the failed jobs, but for the first, which is told by whoever catches it. */
async function firstFault({ batches }: DimgxClient, { id, counts }: Batch): Promise<DimgxError> {
  const faults: DimgxError[] = [];
  const failed = batches.jobs(id, { state: 'failed', limit: mostOnPage });
  for await (const { id: job, request, error } of failed) {
    const { code, message } = error ?? { code: 'INTERNAL', message: 'no reason is known' };
    faults.push(new DimgxError(code, `job ${job} (${request.image}) failed: ${message}`));
    if (faults.length === mostTold) break;
  }
  const [first, ...others] = faults;
  for (const other of others) process.stderr.write(`${errorLine(other)}\n`);
  const untold = counts.failed - faults.length;
  if (untold > 0) process.stderr.write(`and ${untold} more: GET /v1/batches/${id}/jobs?state=failed\n`);
  return first ?? new DimgxError('INTERNAL', `${counts.failed} jobs of batch ${id} failed`);
}
