import { oneLine } from '../error-line.ts';
import { configuredClient } from './service-address.ts';

/** `dimgx cancel`: resolves when the job is cancelled; its worker may still clean up. */
export async function cancel(id: string, signal: AbortSignal): Promise<void> {
  const job = await configuredClient(signal).jobs.cancel(id);
  process.stdout.write(`${job.id} ${oneLine(job.state)}\n`);
}
