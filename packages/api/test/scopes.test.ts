import { type Scope, scopes } from '@dimgx/queue';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './api-fixture.ts';

interface Operation {
  readonly method: string;
  readonly url: string;
  readonly scope: Scope;
  /** Statuses that its description lists. */
  readonly statuses: readonly string[];
}

let fixture: ApiFixture;
let operations: readonly Operation[];
beforeAll(async () => {
  fixture = await apiFixture({ apiKeys: ['the-only-key-of-this-service'] });
  operations = await describedOperations();
});
afterAll(() => fixture.close());

/** Every route that wants a key, with the scope that the OpenAPI document tells. */
async function describedOperations(): Promise<Operation[]> {
  const { paths } = (await fixture.app.inject('/openapi.json')).json<{
    paths: Record<string, Record<string, { security?: { key: Scope[] }[]; responses: object }>>;
  }>();
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { security, responses }]) => {
      const scope = security?.[0]?.key[0];
      if (scope === undefined) return [];
      const url = path.replaceAll(/\{[^}]+\}/g, 'x');
      return [{ method: method.toUpperCase(), url, scope, statuses: Object.keys(responses) }];
    }),
  );
}

async function statusWith(granted: readonly Scope[], { method, url }: Operation): Promise<number> {
  const { text } = await fixture.keys.create({ name: 'test', scopes: [...granted] });
  const options = { method, url, headers: { authorization: `Bearer ${text}` } } as InjectOptions;
  const response = await fixture.app.inject(options);
  return response.statusCode;
}

test('all routes below /v1 and no others are among those that want a key', async () => {
  expect(operations.length).toBeGreaterThan(10);
  expect(operations.filter(({ url }) => !url.startsWith('/v1/'))).toEqual([]);
});

test('only keys are for administrators alone: every other route names a lesser scope', () => {
  const others = operations.filter(({ url, scope }) => (scope === 'admin') !== url.startsWith('/v1/keys'));
  expect(others).toEqual([]);
});

test('what only looks changes nothing: no route of the scope read has another method than GET and HEAD', () => {
  const changing = operations.filter(({ method, scope }) => scope === 'read' && !/^(GET|HEAD)$/.test(method));
  expect(changing).toEqual([]);
});

test('each route lets in a key of its scope, and one of admin', async () => {
  for (const operation of operations) {
    for (const scope of [operation.scope, 'admin'] as const) {
      expect({ ...operation, status: await statusWith([scope], operation) }).not.toMatchObject({
        status: expect.toBeOneOf([401, 403]),
      });
    }
  }
});

test('each route refuses a key of all the other scopes, and no key at all, and says so', async () => {
  for (const operation of operations) {
    const others = scopes.filter((scope) => scope !== operation.scope && scope !== 'admin');
    expect({ ...operation, status: await statusWith(others, operation) }).toMatchObject({ status: 403 });
    const { method, url } = operation;
    const keyless = await fixture.app.inject({ method, url } as InjectOptions);
    expect({ ...operation, status: keyless.statusCode }).toMatchObject({ status: 401 });
    expect(operation.statuses).toEqual(expect.arrayContaining(['401', '403', '503']));
  }
});
