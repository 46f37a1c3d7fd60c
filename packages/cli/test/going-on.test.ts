import { ServiceError } from '@dimgx/client';
import { expect, test } from 'vitest';
import { withGoingOn } from '../src/commands/going-on.ts';

const { signal } = new AbortController();
const left = {
  noun: ['batch', 'batches'],
  ids: ['a'],
  show: 'batches status',
  cancel: 'batches cancel',
} as const;

test('whoever is told that the service is away is told what goes on', () => {
  const fault = withGoingOn(new ServiceError('SERVICE_UNREACHABLE', 'nobody there'), signal, left);
  expect(fault).toMatchObject({
    message: expect.stringMatching(/; batch a goes on: dimgx batches status a /),
  });
});

test.each(['BATCH_NOT_FOUND', 'JOB_NOT_FOUND'] as const)('what is not there does not go on: %s', (code) => {
  const error = new ServiceError(code, 'there is no such thing');
  expect(withGoingOn(error, signal, left)).toBe(error);
});
