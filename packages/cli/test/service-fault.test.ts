import { ServiceError } from '@dimgx/client';
import { DimgxError, type ErrorCode } from '@dimgx/core';
import { expect, test } from 'vitest';
import { faultOf } from '../src/client/service-fault.ts';
import { errorLine, reportedError } from '../src/error-line.ts';

test('what the service refuses is told with its code', () => {
  const refusal = new ServiceError('JOB_NOT_FOUND', 'there is no job a', { status: 404 });
  expect(errorLine(reportedError(refusal))).toBe('dimgx: JOB_NOT_FOUND: there is no job a');
});

test('a service that nobody reaches is told with where to set another, and why', () => {
  const error = new ServiceError('SERVICE_UNREACHABLE', 'no dimgx service answers at http://a', {
    cause: new Error('connect ECONNREFUSED'),
  });
  expect(errorLine(faultOf(error))).toBe(
    'dimgx: SERVICE_UNREACHABLE: no dimgx service answers at http://a; see DIMGX_URL (connect ECONNREFUSED)',
  );
});

test('something else that answers is told with where to set another', () => {
  const message = 'what answers at http://a is not dimgx: it answers 404 Not Found';
  const error = new ServiceError('SERVICE_UNREACHABLE', message, { status: 404 });
  expect(faultOf(error).message).toBe(`${message}; see DIMGX_URL`);
});

test('one that is restarted is told as what it says', () => {
  const error = new ServiceError('SERVICE_UNREACHABLE', 'the service answered 502 Bad Gateway', {
    status: 502,
  });
  expect(faultOf(error).message).toBe('the service answered 502 Bad Gateway');
});

test('a code of a newer service is none of ours', () => {
  const error = faultOf(new ServiceError('NEWS' as ErrorCode, 'something new', { status: 400 }));
  expect(error).toMatchObject({ code: 'INTERNAL', message: 'something new' });
});

test('all else stays what it is', () => {
  const error = new DimgxError('USAGE', 'no');
  expect(faultOf(error)).toBe(error);
});
