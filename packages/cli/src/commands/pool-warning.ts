import { z } from 'zod';
import type { JobView } from '../client/job-views.ts';
import type { ServiceClient } from '../client/service-client.ts';

const workersSchema = z.object({ items: z.array(z.looseObject({ pools: z.array(z.string()) })) });
const requestSchema = z.looseObject({ pool: z.string() });

/**
 * What to say of jobs that wait for workers which are not there; undefined if all have some. A key may submit and not
 * see the workers: the jobs are as well off without a warning, so whatever is the matter, there is none then.
 */
export async function poolWarning(
  client: Pick<ServiceClient, 'ask'>,
  jobs: readonly JobView[],
): Promise<string | undefined> {
  const pools = jobs
    .filter(({ state }) => state === 'queued')
    .flatMap(({ request }) => requestSchema.safeParse(request).data?.pool ?? []);
  if (pools.length === 0) return undefined;
  const workers = workersSchema.safeParse(await client.ask('GET', '/v1/workers').catch(() => undefined));
  if (!workers.success) return undefined;
  const served = new Set(workers.data.items.flatMap((worker) => worker.pools));
  const unserved = [...new Set(pools)].filter((pool) => !served.has(pool));
  if (unserved.length === 0) return undefined;
  return `no worker is there for pool ${unserved.join(', ')}: its jobs wait until one comes`;
}
