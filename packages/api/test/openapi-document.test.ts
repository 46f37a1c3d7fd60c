import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './api-fixture.ts';

/** What generators of clients need of the document. */
interface Document {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: Record<'schemas' | 'responses', Record<string, object>>;
}

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly responses: Record<string, object>;
}

interface Schema {
  readonly type?: string;
  readonly properties?: Record<string, Schema>;
  readonly required?: readonly string[];
}

let fixture: ApiFixture;
let text: string;
let document: Document;
let operations: readonly Operation[];
beforeAll(async () => {
  fixture = await apiFixture();
  text = (await fixture.app.inject('/openapi.json')).body;
  document = JSON.parse(text);
  operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
});
afterAll(() => fixture.close());

/** Each part of the document, with its place. */
function* partsOf(part: unknown, place = '#'): Generator<[place: string, part: object]> {
  if (typeof part !== 'object' || part === null) return;
  yield [place, part];
  for (const [name, each] of Object.entries(part)) yield* partsOf(each, `${place}/${name}`);
}

test('every operation has a name of its own, which are these', () => {
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual([
    ...['cancelBatch', 'cancelJob', 'checkArtifact', 'checkLiveness', 'checkReadiness'],
    ...['createKey', 'deleteCallback', 'deleteSchedule', 'deleteTrigger', 'downloadArtifact'],
    ...['enableCallback', 'followJob', 'getBatch', 'getCallback', 'getDelivery', 'getJob'],
    ...['getJobLogs', 'getKey', 'getSchedule', 'getStats', 'getTrigger', 'listArtifacts'],
    ...['listBatchArtifacts', 'listBatchJobs', 'listBatches', 'listCallbacks', 'listDeliveries'],
    ...['listJobs', 'listKeys', 'listSchedules', 'listTriggers', 'listWorkers', 'pauseSchedule'],
    ...['pingCallback', 'putSchedule', 'putTrigger', 'readMetrics', 'receiveHook'],
    ...['registerCallback', 'resumeSchedule', 'retryBatch', 'retryDelivery', 'retryJob'],
    ...['revokeKey', 'rotateCallbackSecret', 'runSchedule', 'submitBatch', 'submitJob'],
  ]);
});

test('the tags of operations are those that are described', () => {
  const names = document.tags.map(({ name }) => name);
  expect(document.tags.filter(({ description }) => !description)).toEqual([]);
  expect(new Set(operations.flatMap(({ tags }) => tags))).toEqual(new Set(names));
});

test.each([
  ...['ApiKey', 'ApiKeyRequest', 'Artifact', 'Batch', 'BatchRequest', 'Callback', 'CallbackDelivery'],
  ...['CallbackEndpoint', 'ErrorCode', 'FlattenReport', 'Job', 'JobRequest', 'JobRequestInput', 'ListedJob'],
  ...['LogLine', 'Problem', 'Schedule', 'ScheduleRequest', 'ServiceStats', 'StoredArtifact', 'Trigger'],
  ...['TriggerRequest', 'Worker'],
])('%s is a schema with a name', (name) => {
  expect(document.components.schemas).toHaveProperty(name);
});

test('no object is described twice, but for such that hold numbers alone', () => {
  const places = new Map<string, string[]>();
  for (const [place, { type, properties, required }] of partsOf(document) as Iterable<[string, Schema]>) {
    if (type !== 'object' || properties === undefined) continue;
    if (Object.values(properties).every((field) => field.type === 'integer')) continue;
    const described = JSON.stringify({ properties, required });
    places.set(described, [...(places.get(described) ?? []), place]);
  }
  expect(places.size).toBeGreaterThan(40);
  expect([...places.values()].filter((same) => same.length > 1)).toEqual([]);
});

test('each reference is to a component, alone or with words of its own, and each component is referred to', () => {
  const references = [...partsOf(document)].map(([, part]) => part).filter((part) => '$ref' in part);
  const beside = references.flatMap((part) => Object.keys(part));
  expect([...new Set(beside)].sort()).toEqual(['$ref', 'default', 'description']);
  const components = (['schemas', 'responses'] as const).flatMap((kind) =>
    Object.keys(document.components[kind]).map((name) => `#/components/${kind}/${name}`),
  );
  expect([...new Set(references.map(({ $ref }) => $ref))].sort()).toEqual(components.sort());
});

test('a problem that has a status for itself is one response for all', () => {
  expect(document.components.responses.UNAUTHORIZED).toEqual({
    description: 'UNAUTHORIZED',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  });
  const unauthorized = operations.map(({ responses }) => responses['401']).filter(Boolean);
  expect(new Set(unauthorized.map((each) => JSON.stringify(each))).size).toBe(1);
});

test('the document is small', () => {
  expect(text.length).toBeLessThan(130_000);
});
