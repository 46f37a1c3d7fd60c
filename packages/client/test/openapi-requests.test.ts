import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { DimgxClient } from '../src/index.ts';
import { Pages } from '../src/requests/pages.ts';
import { type Operation, type Parameter, readOperations } from './openapi-operations.ts';
import { composed, methodOf, operationNames, optionName } from './operation-methods.ts';

let operations: readonly Operation[];
beforeAll(async () => {
  operations = await readOperations();
});

test('every operation has a method, and every method an operation', () => {
  expect(operations.map(({ name }) => name).sort()).toEqual([...operationNames].sort());
  const named = operations.map((operation) => methodOf(operation).name);
  expect([...named, ...composed].sort()).toEqual(methodNames().sort());
});

test('README.md names every method where it tells of its kin', async () => {
  const rows = (await readFile(join(import.meta.dirname, '../README.md'), 'utf8')).match(/^\| `.*/gm) ?? [];
  for (const name of methodNames()) {
    const [resource = '', method = `${resource}()`] = name.split('.');
    const row = rows.find((each) => each.split('|')[1]?.includes(`\`${resource}`));
    expect(row, name).toContain(`\`${method}\``);
  }
});

test('README.md names every list where it says how such are read', async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
  const [, told = ''] = /## Lists\n(.*?)\n## /s.exec(readme) ?? [];
  const [pages, arrays, followed] = [...told.matchAll(/^\| (`.*?) \|/gm)].map(([, names = '']) =>
    names.replaceAll('`', '').split(', ').sort(),
  );
  const client = new DimgxClient({
    url: 'http://127.0.0.1',
    fetch: async () => Response.json({ items: [] }),
  });
  // Such a wait would never end here.
  const methods = methodNames().filter((name) => name.includes('.') && !name.endsWith('.wait'));
  const ways = await Promise.all(
    methods.map((name) => {
      const [owner, method] = calledIn(client, name);
      return wayOf(Reflect.apply(method, owner, ['id']));
    }),
  );
  const readAs = (way: string) => methods.filter((_, index) => ways[index] === way).sort();
  const expected = { pages: readAs('pages'), arrays: readAs('array'), followed: readAs('followed') };
  expect({ pages, arrays, followed }).toEqual(expected);
});

/** How what a method gives is read. */
async function wayOf(answer: unknown): Promise<string> {
  if (answer instanceof Pages) return 'pages';
  if (Symbol.asyncIterator in Object(answer)) return 'followed';
  const value = await Promise.resolve(answer).catch(() => undefined);
  return Array.isArray(value) ? 'array' : 'single';
}

/** All that the client can be asked, such as `jobs.submit`. */
function methodNames(): string[] {
  const client = new DimgxClient({ url: 'http://127.0.0.1' });
  const namesOf = (object: object) =>
    Object.getOwnPropertyNames(Object.getPrototypeOf(object)).filter((name) => name !== 'constructor');
  const resources = Object.entries(client) as [string, object][];
  return [
    ...namesOf(client),
    ...resources.flatMap(([name, resource]) => namesOf(resource).map((method) => `${name}.${method}`)),
  ];
}

test('each method asks for its operation, with all that may be said of it', async () => {
  for (const operation of operations) {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, id: string) => encodeURIComponent(sampleId(id)));
    const sent = (await sentBy(operation)).filter(({ url }) => url.pathname === path);
    expect(sent, operation.name).toHaveLength(1);
    const query = queryOf(operation);
    const { headers } = operation;
    const shown = sent.map(({ request, url, body }) => ({
      method: request.method,
      query: query.map(({ name }) => url.searchParams.getAll(name)),
      headers: headers.map(({ name }) => request.headers.get(name)),
      body: body === '' ? undefined : JSON.parse(body),
    }));
    expect(shown, operation.name).toEqual([
      {
        method: operation.method,
        query: query.map((parameter) => [sampleOf(parameter)].flat()),
        headers: headers.map(({ name }) => sampleHeader(name)),
        body: takesBody(operation) ? sampleBody : undefined,
      },
    ]);
  }
});

const sampleBody = { a: [1] };
const sampleId = (name: string) => `${name}/../?`;
const sampleHeader = (name: string) => `a-${name}`;

function sampleOf({ schema }: Parameter): string | string[] {
  if (schema.enum !== undefined) return String(schema.enum[0]);
  if (schema.type === 'integer') return '7';
  return schema.anyOf === undefined ? 'a b&c' : ['a=1', 'b=2'];
}

/** Where the options are described by hand, the query is not shown. */
function queryOf(operation: Operation): readonly Parameter[] {
  return methodOf(operation).options === undefined ? operation.query : [];
}

function takesBody(operation: Operation): boolean {
  return (operation.body ?? methodOf(operation).body) !== undefined;
}

interface Sent {
  readonly request: Request;
  readonly url: URL;
  readonly body: string;
}

async function sentBy(operation: Operation): Promise<Sent[]> {
  const sent: Sent[] = [];
  const client = new DimgxClient({
    url: 'http://127.0.0.1',
    patienceMs: 0,
    async fetch(input, init) {
      const request = new Request(input as string, init);
      sent.push({ request, url: new URL(request.url), body: await request.clone().text() });
      return Response.json({ items: [] });
    },
  });
  const options = Object.fromEntries([
    ...queryOf(operation).map((parameter) => [parameter.name, sampleOf(parameter)]),
    ...operation.headers.map(({ name }) => [optionName(name), sampleHeader(name)]),
  ]);
  const body = takesBody(operation) ? [sampleBody] : [];
  const [owner, method] = calledIn(client, methodOf(operation).name);
  await used(Reflect.apply(method, owner, [...operation.ids.map(sampleId), ...body, options]));
  return sent;
}

function calledIn(client: DimgxClient, name: string): [object, (...given: unknown[]) => unknown] {
  const [resource = '', method] = name.split('.');
  if (method === undefined) return [client, Reflect.get(client, resource)];
  const owner = Reflect.get(client, resource);
  return [owner, Reflect.get(owner, method)];
}

/** What comes back is not what it should be here, which some methods mind. */
async function used(answer: unknown): Promise<void> {
  try {
    const list = answer as AsyncIterable<unknown>;
    if (Symbol.asyncIterator in Object(list)) await list[Symbol.asyncIterator]().next();
    else await answer;
  } catch {}
}
