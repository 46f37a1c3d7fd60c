import { configuredClient } from './service-address.ts';

/** `dimgx retry`: prints the id of the new job. */
export async function retry(id: string, signal: AbortSignal): Promise<void> {
  const job = await configuredClient(signal).jobs.retry(id);
  process.stdout.write(`${job.id}\n`);
}
