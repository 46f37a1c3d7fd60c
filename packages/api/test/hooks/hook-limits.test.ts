import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from '../api-fixture.ts';
import { HookClient, payload, secret } from './hook-client.ts';

const perMinute = 3;
const body = payload('distribution');
const known = { headers: { authorization: `Bearer ${secret}` } };

/** What was counted; of each there are three, and one comes back in half a minute. */
let counted: string[];
let fixture: ApiFixture;
let hook: HookClient;

beforeEach(async () => {
  counted = [];
  const hookLimits = {
    perMinute,
    async take(client: string) {
      counted.push(client);
      const left = perMinute - counted.filter((each) => each === client).length;
      return { isAllowed: left >= 0, left: Math.max(0, left), nextMs: 29_001, fullMs: 59_001 };
    },
  };
  fixture = await apiFixture({ hookLimits });
  hook = await HookClient.open(fixture, { provider: 'distribution', secret });
});
afterEach(() => fixture.close());

test('an address that sends too many is told when to come again, and nothing is read of what it sends', async () => {
  for (let sent = 0; sent < perMinute; sent++) expect((await hook.send(body)).statusCode).toBe(401);
  const refused = await hook.send(body, known);
  expect(refused.statusCode).toBe(429);
  expect(refused.headers['retry-after']).toBe('30');
  expect(refused.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(refused.json()).toMatchObject({
    code: 'RATE_LIMITED',
    detail: expect.stringMatching(/3 webhooks a minute from one address: wait 30 s/),
  });
  expect(hook.events).toEqual([]);
  expect(new Set(counted)).toEqual(new Set(['sender:127.0.0.1']));
});

test('hooks that are not there count as those that are, and say nothing else', async () => {
  const others = ['none', 'nobody', 'nothing'];
  for (const id of others) expect((await hook.send(body, known, id)).statusCode).toBe(401);
  expect((await hook.send(body, known, 'another')).statusCode).toBe(429);
  expect((await hook.send(body, known)).statusCode).toBe(429);
});

test("a trigger takes so many that are its sender's, from wherever they come", async () => {
  const from = (remoteAddress: string) => hook.send(body, { ...known, remoteAddress });
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
    expect((await from(address)).statusCode).toBe(202);
  }
  // What is not its sender's takes nothing of it.
  expect((await hook.send(body, { remoteAddress: '192.0.2.4' })).statusCode).toBe(401);
  const refused = await from('192.0.2.5');
  expect(refused.statusCode).toBe(429);
  expect(refused.json()).toMatchObject({ detail: expect.stringMatching(/for one trigger/) });
  const other = await HookClient.open(fixture, { provider: 'distribution', secret });
  expect((await other.send(body, { ...known, remoteAddress: '192.0.2.6' })).statusCode).toBe(202);
});

test('an IPv6 network is one sender', async () => {
  for (const end of ['1', '2', '3']) await hook.send(body, { remoteAddress: `2001:db8::${end}` });
  expect((await hook.send(body, { remoteAddress: '2001:db8::4' })).statusCode).toBe(429);
  expect((await hook.send(body, { remoteAddress: '2001:db8:0:1::4' })).statusCode).toBe(401);
});
