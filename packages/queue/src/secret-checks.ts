import { CallbackEndpoints } from './callbacks/callback-endpoints.ts';
import type { Redis } from './redis-options.ts';
import { SecretSeal } from './secret-seal.ts';
import { TriggerRecords } from './triggers/trigger-records.ts';

/** Which secrets can't be opened with this key, in a line for those of triggers and one for those of callbacks. */
export async function secretWarnings(redis: Redis, secretsKey: string | undefined): Promise<string[]> {
  const seal = new SecretSeal(secretsKey);
  const [triggers, endpoints] = await Promise.all([
    new TriggerRecords(redis, seal).sealed(),
    new CallbackEndpoints(redis, seal).sealed(),
  ]);
  return [
    ...warningOf(triggers, 'triggers', 'put them with new secrets'),
    ...warningOf(endpoints, 'callback endpoints', 'rotate them'),
  ];
}

const mostNamed = 5;

function warningOf(ids: readonly string[], what: string, remedy: string): string[] {
  if (ids.length === 0) return [];
  const others = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : '';
  const named = `${ids.slice(0, mostNamed).join(', ')}${others}`;
  const sealed = `the secrets of these ${what} were sealed with another DIMGX_SECRETS_KEY: ${named}`;
  return [`${sealed}; set that key again, or ${remedy}`];
}
