import { expect, test } from 'vitest';
import { batchBody } from '../src/commands/batch-items.ts';

const template = { pool: 'gpu' };

test('a line is an image; blank lines and comments are none', () => {
  expect(batchBody('# ours\napp:1\r\n\n  app:2  \n', template)).toEqual({
    images: ['app:1', 'app:2'],
    template,
  });
});

test('a line of JSON is a job, and others get what the options say', () => {
  const text = 'app:1\n{"image": "app:2", "pool": "cpu", "layers": ["@0"]}\n{"image": "app:3"}';
  expect(batchBody(text, template)).toEqual({
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
  expect(() => batchBody(text, template)).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) }),
  );
});
