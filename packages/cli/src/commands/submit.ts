import type { DimgxClient, Job, StateEvent } from '@dimgx/client';
import { type DimgxError, parseReference } from '@dimgx/core';
import { faultOf } from '../client/service-fault.ts';
import { errorLine, oneLine } from '../error-line.ts';
import { showProgress } from '../progress/progress-display.ts';
import { withGoingOn } from './going-on.ts';
import { poolWarning } from './pool-warning.ts';
import { watchPool } from './pool-watch.ts';
import { configuredClient } from './service-address.ts';
import type { SubmitFlags } from './submit-options.ts';
import { keyWarning, submitRequest } from './submit-request.ts';
import { say, warn } from './warnings.ts';

/** `dimgx submit`: with `--wait`, rejects with the first fault of a job, when all are done. */
export async function submit(
  images: readonly string[],
  flags: SubmitFlags,
  signal: AbortSignal,
): Promise<void> {
  const requests = images.map((image) => submitRequest(image, flags));
  // What the options ask for is the same for all, so that the service refuses it with the first; not so the images.
  for (const image of images) parseReference(image);
  const mismatch = keyWarning(flags);
  if (mismatch !== undefined) warn(mismatch);
  const client = configuredClient(signal);
  const jobs: Job[] = [];
  const left = new Set<string>();
  try {
    for (const request of requests) {
      const job = await client.jobs.submit(request);
      jobs.push(job);
      left.add(job.id);
      if (flags.wait === true) say(`job ${job.id} submitted: ${request.image}`);
      else process.stdout.write(flags.json === true ? jsonLine(job) : `${job.id}\n`);
    }
    const warning = await poolWarning(client, jobs);
    if (warning !== undefined) warn(warning);
    const waiting = { json: flags.json, isUnserved: warning !== undefined };
    if (flags.wait === true) await waitForAll(client, left, waiting);
  } catch (error) {
    const names = { noun: ['job', 'jobs'], show: 'logs -f', cancel: 'cancel' } as const;
    throw withGoingOn(error, signal, { ...names, ids: [...left] });
  }
}

interface Waiting extends Pick<SubmitFlags, 'json'> {
  /** Whether it was said that jobs have no workers. */
  readonly isUnserved: boolean;
}

/** Takes what has ended out of `left`. */
async function waitForAll(client: DimgxClient, left: Set<string>, waiting: Waiting): Promise<void> {
  const faults: DimgxError[] = [];
  for (const id of left) {
    const fault = await waitFor(client, id, waiting);
    left.delete(id);
    if (fault !== undefined) faults.push(fault);
  }
  const [first, ...others] = faults;
  // The first is told by whoever catches it.
  for (const other of others) process.stderr.write(`${errorLine(other)}\n`);
  if (first !== undefined) throw first;
}

async function waitFor(client: DimgxClient, id: string, waiting: Waiting): Promise<DimgxError | undefined> {
  const display = showProgress('auto');
  const onQueuedAgain = ({ error }: StateEvent) => {
    display.finish();
    say(`job ${id} is queued again: ${error?.code}: ${error?.message}`);
  };
  const endWatch = watchPool(client, {
    isKnown: waiting.isUnserved,
    jobs: async () => [await client.jobs.get(id)],
    warn(message) {
      display.finish();
      warn(message);
    },
  });
  const { job, fault } = await client.jobs
    .wait(id, { onProgress: display.show, onQueuedAgain })
    .then((completed) => ({ job: completed, fault: undefined }))
    .catch(async (error: unknown) => ({ job: await client.jobs.get(id), fault: faultOf(error) }))
    .finally(() => {
      endWatch();
      display.finish();
    });
  process.stdout.write(waiting.json === true ? jsonLine(job) : `${job.id} ${oneLine(job.state)}\n`);
  return fault;
}

function jsonLine(job: Job): string {
  return `${JSON.stringify(job)}\n`;
}
