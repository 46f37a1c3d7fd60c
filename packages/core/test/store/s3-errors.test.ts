import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import { s3Error, saysS3 } from '../../src/store/s3-errors.ts';

const address = { bucket: 'images', endpoint: 'http://s3.example:9000' };

/** As the SDK throws it. */
function serviceError(name: string, status: number, more: object = {}): Error {
  const error = new Error(`${name} happened,\n  said the server`);
  return Object.assign(error, { name, $metadata: { httpStatusCode: status }, ...more });
}

function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code, $metadata: { attempts: 3 } });
}

describe('a fault of S3', () => {
  test.each<[string, Error, ErrorCode, string]>([
    ['an unknown key', serviceError('InvalidAccessKeyId', 403), 'STORE_DENIED', '(InvalidAccessKeyId)'],
    [
      'a wrong secret',
      serviceError('SignatureDoesNotMatch', 403),
      'STORE_DENIED',
      'denies access to bucket images',
    ],
    ['no permission', serviceError('AccessDenied', 403), 'STORE_DENIED', '(AccessDenied)'],
    ['an answer without a body', serviceError('Unknown', 403), 'STORE_DENIED', 'check the credentials'],
    ['a token of yesterday', serviceError('ExpiredToken', 400), 'STORE_DENIED', '(ExpiredToken)'],
    [
      'no credentials',
      Object.assign(new Error('x'), { name: 'CredentialsProviderError' }),
      'STORE_DENIED',
      'AWS_ACCESS_KEY_ID',
    ],
    [
      'a missing bucket',
      serviceError('NoSuchBucket', 404),
      'STORE_BUCKET_MISSING',
      'no bucket images at http://s3.example:9000',
    ],
    ['another region', serviceError('PermanentRedirect', 301), 'CONFIG_INVALID', 'AWS_REGION'],
    ['no region', new Error('Region is missing'), 'CONFIG_INVALID', 'AWS_REGION'],
    [
      'nobody at the port',
      systemError('ECONNREFUSED'),
      'STORE_UNREACHABLE',
      'does not answer (ECONNREFUSED)',
    ],
    ['an unknown host', systemError('ENOTFOUND'), 'STORE_UNREACHABLE', 'check the endpoint'],
    [
      'a certificate of its own',
      systemError('DEPTH_ZERO_SELF_SIGNED_CERT'),
      'STORE_UNREACHABLE',
      'SELF_SIGNED',
    ],
    [
      'silence',
      Object.assign(new Error('x'), { name: 'TimeoutError' }),
      'STORE_UNREACHABLE',
      '(TimeoutError)',
    ],
    [
      'a server in trouble',
      serviceError('InternalError', 500),
      'STORE_UNREACHABLE',
      'answers 500 InternalError',
    ],
    ['too many requests', serviceError('SlowDown', 503), 'STORE_UNREACHABLE', 'answers 503 SlowDown'],
    ['a quota', serviceError('QuotaExceeded', 403), 'NO_SPACE', 'is full (QuotaExceeded)'],
    ['a full disk', serviceError('Whatever', 507), 'NO_SPACE', 'is full'],
    [
      'what the server has not',
      serviceError('NotImplemented', 501),
      'STORE_FAILED',
      'answers 501 NotImplemented: ',
    ],
    ['anything else', serviceError('MalformedXML', 400), 'STORE_FAILED', 'answers 400 MalformedXML: '],
    ['no error at all', 'broken' as unknown as Error, 'STORE_FAILED', 'broken'],
  ])('%s', (_, thrown, code, says) => {
    const error = s3Error(thrown, 'store x.tar', address);
    expect(error).toMatchObject({ code, message: expect.stringContaining(says) });
    expect(error.message).toMatch(/^can't store x\.tar: [^\n]*$/);
  });

  test('is told without the request it belongs to', () => {
    const $response = { headers: { authorization: 'AWS4-HMAC-SHA256 Signature=abc' } };
    const told = { $response, AWSAccessKeyId: 'AKIDEXAMPLE', StringToSign: 'AWS4' };
    const error = s3Error(serviceError('SignatureDoesNotMatch', 403, told), 'store x.tar', address);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/AWS4|AKIDEXAMPLE/);
    expect(error.cause).toMatchObject({ name: 'SignatureDoesNotMatch' });
  });

  test('can be asked what S3 has called it', () => {
    const error = s3Error(serviceError('NoSuchKey', 404), 'read x.tar', address);
    expect([saysS3(error, 'NoSuchKey'), saysS3(error, 'NoSuchBucket'), saysS3(new Error(), 'Error')]).toEqual(
      [true, false, false],
    );
  });
});
