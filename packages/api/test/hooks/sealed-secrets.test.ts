import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from '../api-fixture.ts';
import { HookClient, payload, secret } from './hook-client.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
});
afterAll(() => fixture.close());

test('while one hook can not be checked, all that are refused are told to try again, in the same words', async () => {
  const trigger = { provider: 'distribution', secret };
  const [sealed, sound] = [await HookClient.open(fixture, trigger), await HookClient.open(fixture, trigger)];
  fixture.triggers.sealed.add(sealed.id);
  const body = payload('distribution');
  const known = { headers: { authorization: `Bearer ${secret}` } };
  expect((await sound.send(body, known)).statusCode).toBe(202);

  const refused = await Promise.all([
    sealed.send(body, known),
    sealed.send(body),
    sound.send(body),
    sound.send(body, known, randomUUID()),
  ]);
  for (const { statusCode, headers } of refused) {
    expect(statusCode).toBe(503);
    expect(headers['retry-after']).toBeDefined();
  }
  const [first, ...others] = refused.map((each) => each.json());
  expect(first).toMatchObject({ code: 'SECRET_SEALED', detail: expect.stringContaining('try again') });
  expect(others).toEqual(others.map(() => first));
  expect(JSON.stringify(first)).not.toContain(sealed.id);
});
