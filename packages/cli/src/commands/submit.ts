import type { DimgxClient, Job } from '@dimgx/client';
import type { DimgxError } from '@dimgx/core';
import { faultOf } from '../client/service-fault.ts';
import { errorLine, oneLine } from '../error-line.ts';
import { showProgress } from '../progress/progress-display.ts';
import { poolWarning } from './pool-warning.ts';
import { configuredClient } from './service-address.ts';
import type { SubmitFlags } from './submit-options.ts';
import { submitRequest } from './submit-request.ts';
import { warn } from './warnings.ts';

/** `dimgx submit`: with `--wait`, rejects with the first fault of a job, when all are done. */
export async function submit(
  images: readonly string[],
  flags: SubmitFlags,
  signal: AbortSignal,
): Promise<void> {
  const client = configuredClient(signal);
  const jobs: Job[] = [];
  for (const request of images.map((image) => submitRequest(image, flags))) {
    const job = await client.jobs.submit(request);
    jobs.push(job);
    if (flags.wait !== true) process.stdout.write(flags.json === true ? jsonLine(job) : `${job.id}\n`);
  }
  const warning = await poolWarning(client, jobs);
  if (warning !== undefined) warn(warning);
  if (flags.wait !== true) return;
  const faults: DimgxError[] = [];
  for (const { id } of jobs) {
    const fault = await waitFor(client, id, flags);
    if (fault !== undefined) faults.push(fault);
  }
  const [first, ...others] = faults;
  // The first is told by whoever catches it.
  for (const other of others) process.stderr.write(`${errorLine(other)}\n`);
  if (first !== undefined) throw first;
}

async function waitFor(client: DimgxClient, id: string, flags: SubmitFlags): Promise<DimgxError | undefined> {
  const display = showProgress('auto');
  const { job, fault } = await client.jobs
    .wait(id, { onProgress: display.show })
    .then((completed) => ({ job: completed, fault: undefined }))
    .catch(async (error: unknown) => ({ job: await client.jobs.get(id), fault: faultOf(error) }))
    .finally(() => display.finish());
  process.stdout.write(flags.json === true ? jsonLine(job) : `${job.id} ${oneLine(job.state)}\n`);
  return fault;
}

function jsonLine(job: Job): string {
  return `${JSON.stringify(job)}\n`;
}
