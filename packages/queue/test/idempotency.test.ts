import { expect, test } from 'vitest';
import { idempotencyOf } from '../src/idempotency.ts';
import { type JobRequest, jobRequestSchema } from '../src/job-request.ts';

const request = (more: object = {}): JobRequest => jobRequestSchema.parse({ image: 'a', ...more });

test('the order of fields makes no other request', () => {
  const one = idempotencyOf('c', 'k', request({ labels: { a: '1', b: '2' }, force: true }));
  const other = idempotencyOf('c', 'k', request({ force: true, labels: { b: '2', a: '1' } }));
  expect(other).toEqual(one);
});

test('a default written out makes no other request', () => {
  expect(idempotencyOf('c', 'k', request({ priority: 'normal' }))).toEqual(
    idempotencyOf('c', 'k', request()),
  );
});

test('the order of a list makes another request', () => {
  const one = idempotencyOf('c', 'k', request({ layers: ['@0', '@1'] }));
  const other = idempotencyOf('c', 'k', request({ layers: ['@1', '@0'] }));
  expect(other.fingerprint).not.toBe(one.fingerprint);
});

test('the same key of another client is another key', () => {
  expect(idempotencyOf('c', 'k', request()).owner).not.toBe(idempotencyOf('d', 'k', request()).owner);
});
