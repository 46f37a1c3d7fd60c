import { DimgxError, parseReference } from '@dimgx/core';
import { expect, test } from 'vitest';
import { type BatchFault, type BatchInput, readBatch } from '../../src/batches/batch-input.ts';

const admit = async (image: string) => {
  const reference = parseReference(image);
  if (image.includes('secret')) throw new DimgxError('SOURCE_REFUSED', 'not below an allowed folder');
  return 'image' in reference ? (reference.image.name ?? reference) : reference;
};

async function requestsOf(body: unknown): Promise<BatchInput> {
  const read = await readBatch(body, admit);
  if ('requests' in read) return read;
  throw new Error(JSON.stringify(read));
}

async function faultsOf(body: unknown): Promise<readonly BatchFault[]> {
  const read = await readBatch(body, admit);
  return 'requests' in read ? [] : read;
}

const images = (count: number) => Array.from({ length: count }, (_, at) => `app:${at}`);

test('images get what the template says, and what is usual', async () => {
  const template = { pool: 'gpu', labels: { by: 'nightly' } };
  const { requests, duplicates } = await requestsOf({ images: ['a:1', 'b:2'], template });
  const usual = { kind: 'flatten', priority: 'normal', ...template };
  expect(requests).toEqual([
    { image: 'a:1', ...usual },
    { image: 'b:2', ...usual },
  ]);
  expect(duplicates).toBe(0);
});

test('jobs each say all by themselves', async () => {
  const callback = { url: 'https://ci.example.org/dimgx' };
  const read = await requestsOf({ jobs: [{ image: 'a:1', kind: 'inspect' }, { image: 'b' }], callback });
  expect(read.requests.map(({ image, kind }) => [image, kind])).toEqual([
    ['a:1', 'inspect'],
    ['b', 'flatten'],
  ]);
  expect(read.callback).toEqual(callback);
});

test('what asks for the same is one job, however the image is named; what asks for something else is not', async () => {
  const same = await requestsOf({ images: ['docker-daemon:a', 'b', 'docker-daemon:a:latest', 'b', 'b:2'] });
  expect(same.requests.map(({ image }) => image)).toEqual(['docker-daemon:a', 'b', 'b:2']);
  expect(same.duplicates).toBe(2);
  const other = await requestsOf({ jobs: [{ image: 'a' }, { image: 'a', layers: ['@0'] }, { image: 'a' }] });
  expect([other.requests.length, other.duplicates]).toEqual([2, 1]);
});

const rows: [situation: string, body: unknown, pointer: string, code: string, detail: RegExp][] = [
  ['is no object', [], '', 'REQUEST_INVALID', /object/],
  ['has neither jobs nor images', {}, '', 'REQUEST_INVALID', /either jobs or images/],
  ['has both', { jobs: [{ image: 'a' }], images: ['a'] }, '', 'REQUEST_INVALID', /either jobs or images/],
  ['is empty', { images: [] }, '/images', 'REQUEST_INVALID', /^must not be empty$/],
  [
    'is too large',
    { images: images(10_001) },
    '/images',
    'REQUEST_INVALID',
    /^must have 10000 items at the most$/,
  ],
  ['has a field that nobody knows', { images: ['a'], all: 1 }, '/all', 'REQUEST_INVALID', /is no field/],
  [
    'has a template for jobs',
    { jobs: [{ image: 'a' }], template: {} },
    '/template',
    'REQUEST_INVALID',
    /images/,
  ],
  [
    'has an image in the template',
    { images: ['a'], template: { image: 'b' } },
    '/template/image',
    'REQUEST_INVALID',
    /is no field/,
  ],
  [
    'has one destination for many images',
    { images: ['a'], template: { destination: { key: 'x' } } },
    ...(['/template/destination', 'REQUEST_INVALID', /is no field/] as const),
  ],
  [
    'has a template whose fields do not go together',
    { images: ['a'], template: { kind: 'inspect', force: true } },
    ...(['/template/force', 'REQUEST_INVALID', /inspect/] as const),
  ],
  ['has an image that is none', { images: ['a', 7] }, '/images/1', 'REQUEST_INVALID', /^must be a text$/],
  ['has an image that cannot be', { images: ['a', 'UPPER'] }, '/images/1', 'REFERENCE_INVALID', /"UPPER"/],
  ['has an image that is refused', { images: ['a', 'secret'] }, '/images/1', 'SOURCE_REFUSED', /allowed/],
  [
    'has a job with a bad field',
    { jobs: [{ image: 'a' }, { image: 'b', compression: { algorithm: 'zstd', level: 99 } }] },
    ...(['/jobs/1/compression/level', 'REQUEST_INVALID', /1 to/] as const),
  ],
];

test.each(rows)(
  'a batch that %s is refused, with the place',
  async (_situation, body, pointer, code, detail) => {
    const faults = await faultsOf(body);
    expect(faults).toEqual([{ code, pointer, detail: expect.stringMatching(detail) }]);
  },
);

test('jobs of a batch that have one destination are told each, as the field that clashes', async () => {
  const jobs = ['x', 'y', 'x', 'x'].map((key, at) => ({ image: `a:${at}`, destination: { key } }));
  const detail = 'must be its own: another job of the batch has it too';
  expect(await faultsOf({ jobs })).toEqual(
    [0, 2, 3].map((at) => ({ code: 'REQUEST_INVALID', pointer: `/jobs/${at}/destination/key`, detail })),
  );
});

test('of many items at fault the first twenty are told', async () => {
  const faults = await faultsOf({
    images: Array.from({ length: 500 }, (_, at) => (at % 2 === 0 ? 'a' : '')),
  });
  expect(faults).toHaveLength(20);
  expect(faults[0]?.pointer).toBe('/images/1');
});

test('a template that would be kept too often is refused', async () => {
  const template = { include: Array.from({ length: 256 }, () => 'x'.repeat(1000)) };
  await expect(readBatch({ images: images(300), template }, admit)).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
    message: expect.stringContaining('several batches'),
  });
});

test('others get their turn while a large batch is read', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const { requests } = await requestsOf({ images: images(10_000) });
  clearInterval(timer);
  expect(requests).toHaveLength(10_000);
  expect(turns).toBeGreaterThan(5);
});
