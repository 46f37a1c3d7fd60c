import { ServiceError } from '@dimgx/client';
import { DimgxError, type ErrorCode } from '@dimgx/core';
import { batchRequestSchema } from '@dimgx/queue';
import { expect, test } from 'vitest';
import { batchOf, byLines } from '../src/commands/batch-items.ts';
import { exitCodeOf } from '../src/error-line.ts';

const template = { pool: 'gpu' };

test('a line is an image; blank lines and comments are none', () => {
  expect(batchOf('# ours\napp:1\r\n\n  app:2  \n', template)).toEqual({
    body: { images: ['app:1', 'app:2'], template },
    lines: [2, 4],
    broken: [],
  });
});

test('a line of JSON is a job, and others get what the options say', () => {
  const text = 'app:1\n{"image": "app:2", "pool": "cpu", "layers": ["@0"]}\n{"image": "app:3"}';
  expect(batchOf(text, template).body).toEqual({
    jobs: [
      { image: 'app:1', pool: 'gpu' },
      { image: 'app:2', pool: 'cpu', layers: ['@0'] },
      { image: 'app:3', pool: 'gpu' },
    ],
  });
});

test('no image at all is wrong usage', () => {
  expect(() => batchOf('\n# none\n', template)).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(/give one on each line/) }),
  );
});

test.each([
  ['images', 'app:1\n\n{"image"\napp:2\n{x}', { images: ['app:1', 'app:2', ''], template }],
  [
    'jobs',
    '{"image": "a"}\n{',
    {
      jobs: [
        { image: 'a', pool: 'gpu' },
        { image: '', pool: 'gpu' },
      ],
    },
  ],
])('lines of broken JSON make the service refuse the batch: %s', (_form, text, body) => {
  const read = batchOf(text, template);
  expect(read.body).toEqual(body);
  expect(batchRequestSchema.safeParse(read.body).success).toBe(false);
  for (const { detail } of read.broken) expect(detail).toMatch(/^is no valid JSON: /);
});

test.each([
  '{"image": "a", "__proto__": 1}',
  '{"image": "a", "passthrough": {"constructor": {"prototype": 1}}}',
])('a line whose fields no service takes is broken: %s', (line) => {
  expect(batchOf(`app:1\n${line}\n{"image": "a", "labels": {"constructor": "x"}}`, template)).toMatchObject({
    lines: [1, 3],
    broken: [{ line: 2, detail: expect.stringMatching(/^has a field __proto__ or constructor\.prototype/) }],
  });
});

const refused = (...errors: { pointer: string; detail: string }[]) => {
  const what = { type: 'about:blank', title: 'Bad Request', status: 400, code: 'REQUEST_INVALID' } as const;
  return new ServiceError('REQUEST_INVALID', 'of the service', {
    problem: { ...what, detail: 'of the service', errors },
  });
};

test.each([
  ['an image', [{ pointer: '/images/1', detail: 'is none' }], 'line 4: is none'],
  [
    'fields of jobs',
    [
      { pointer: '/jobs/0/layers/0', detail: 'is none' },
      { pointer: '/jobs/1/pool', detail: 'must be a text' },
    ],
    'line 2: layers.0: is none; line 4: pool: must be a text',
  ],
  ['what all have', [{ pointer: '/template/pool', detail: 'is none' }], 'of the service'],
  [
    'many',
    Array.from({ length: 19 }, () => ({ pointer: '/images/0', detail: 'no' })),
    `${'line 2: no; '.repeat(18)}line 2: no`,
  ],
  [
    'as many as it tells at the most',
    Array.from({ length: 20 }, () => ({ pointer: '/images/0', detail: 'no' })),
    `${'line 2: no; '.repeat(20)}others may be wrong too`,
  ],
])('a refusal is told by the line: %s', (_what, errors, message) => {
  const fault = byLines(refused(...errors), { lines: [2, 4], broken: [] });
  expect(fault).toMatchObject({ code: 'REQUEST_INVALID', message });
});

const standIn = { pointer: '/images/2', detail: 'must be a text' };
const broken = [
  { line: 3, detail: 'is no valid JSON' },
  { line: 5, detail: 'is no valid JSON' },
];

test.each([
  ['they are all', refused(standIn), 'USAGE', 'line 3: is no valid JSON; line 5: is no valid JSON'],
  [
    'others are wrong too',
    refused({ pointer: '/images/1', detail: 'is none' }, standIn),
    'REQUEST_INVALID',
    'line 3: is no valid JSON; line 4: is none; line 5: is no valid JSON',
  ],
  [
    'all have what is wrong',
    refused({ pointer: '/template/pool', detail: 'is none' }),
    'REQUEST_INVALID',
    'of the service; line 3: is no valid JSON; line 5: is no valid JSON',
  ],
  [
    'the service can not be asked',
    new ServiceError('SERVICE_UNREACHABLE', 'nobody there'),
    'USAGE',
    'line 3: is no valid JSON; line 5: is no valid JSON',
  ],
])('lines of broken JSON are told with those that the service refuses: %s', (_what, error, code, message) => {
  expect(byLines(error, { lines: [2, 4], broken })).toMatchObject({ code, message });
});

test('more lines of broken JSON than are told are counted', () => {
  const many = Array.from({ length: 23 }, () => ({ line: 1, detail: 'no' }));
  const fault = byLines(refused(standIn), { lines: [2, 4], broken: many });
  expect(fault).toMatchObject({ code: 'USAGE', message: `${'line 1: no; '.repeat(20)}and 3 more` });
});

test.each<[string, ErrorCode, typeof broken, ErrorCode]>([
  ['wrong references alone', 'REFERENCE_INVALID', [], 'REFERENCE_INVALID'],
  ['images that are not to be had', 'SOURCE_UNSUPPORTED', [], 'REQUEST_INVALID'],
  ['files that are not allowed', 'SOURCE_REFUSED', [], 'REQUEST_INVALID'],
  ['wrong references, and broken JSON', 'REFERENCE_INVALID', broken, 'REQUEST_INVALID'],
])('a wrong list is wrong usage: %s', (_what, refusal, more, code) => {
  const { problem } = refused({ pointer: '/images/0', detail: 'no' });
  const fault = byLines(new ServiceError(refusal, 'no', { problem }), { lines: [2, 4], broken: more });
  expect(fault).toMatchObject({ code });
  expect(exitCodeOf(fault as DimgxError)).toBe(1);
});

test('a run that was stopped says so, whatever is wrong with the lines', () => {
  const stopped = new DimgxError('INTERRUPTED', 'stopped by SIGINT');
  expect(byLines(stopped, { lines: [2], broken })).toBe(stopped);
});
