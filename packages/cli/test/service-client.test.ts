import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { serviceClient } from '../src/client/service-client.ts';

const address = { url: 'http://127.0.0.1:8080', token: undefined };
const ms = { ofTerminal: 5000, ofScript: 60_000 };

beforeEach(() => {
  vi.useFakeTimers();
  const away = { code: 'REDIS_UNREACHABLE', detail: 'Redis does not answer' };
  vi.stubGlobal('fetch', async () => Response.json(away, { status: 503, headers: { 'retry-after': '1' } }));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test.each([
  ['a failover of Redis, where nobody is there to give the command again', false, ms.ofScript],
  ['a moment, where somebody waits at the terminal', true, ms.ofTerminal],
])('a service whose Redis is away is borne for %s', async (_situation, isWatched, borneMs) => {
  const { signal } = new AbortController();
  const asked = serviceClient(address, signal, { isWatched }).stats();
  let fault: unknown;
  asked.catch((error: unknown) => {
    fault = error;
  });
  await vi.advanceTimersByTimeAsync(borneMs - 3000);
  expect(fault).toBeUndefined();
  await vi.advanceTimersByTimeAsync(4000);
  expect(fault).toMatchObject({ code: 'REDIS_UNREACHABLE' });
});
