import { ServiceError } from '@dimgx/client';
import { expect, test } from 'vitest';
import { batchOf, byLines } from '../src/commands/batch-items.ts';

const template = { pool: 'gpu' };

test('a line is an image; blank lines and comments are none', () => {
  expect(batchOf('# ours\napp:1\r\n\n  app:2  \n', template)).toEqual({
    body: { images: ['app:1', 'app:2'], template },
    lines: [2, 4],
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

test.each([
  ['nothing', '\n# none\n', /give one on each line/],
  ['broken JSON', 'app:1\n\n{"image"', /line 3 is no valid JSON/],
])('%s is wrong usage', (_what, text, message) => {
  expect(() => batchOf(text, template)).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) }),
  );
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
    Array.from({ length: 7 }, () => ({ pointer: '/images/0', detail: 'no' })),
    `${'line 2: no; '.repeat(5)}and 2 more`,
  ],
])('a refusal is told by the line: %s', (_what, errors, message) => {
  expect(byLines(refused(...errors), [2, 4])).toMatchObject({ code: 'REQUEST_INVALID', message });
});
