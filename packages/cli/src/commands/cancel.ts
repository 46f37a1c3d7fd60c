import { configuredClient } from './service-address.ts';

/** `dimgx cancel`: resolves when the job is cancelled; its worker may still clean up. */
export async function cancel(id: string, signal: AbortSignal): Promise<void> {
  const job = await configuredClient(signal).cancel(id);
  process.stdout.write(`${job.id} ${job.state}\n`);
}
