import { describe, expect, test } from 'vitest';
import { checkS3Settings, type S3Settings } from '../../src/store/s3-settings.ts';

describe('S3 settings', () => {
  test.each<[string, S3Settings]>([
    ['none', {}],
    ['an endpoint', { endpoint: 'http://127.0.0.1:9000' }],
    ['an endpoint below a path', { endpoint: 'https://example.org/storage/v1/s3' }],
    ['the smallest parts', { partSize: 5 * 1024 * 1024 }],
  ])('are fine with %s', (_, settings) => {
    expect(() => checkS3Settings(settings)).not.toThrow();
  });

  test.each<[string, S3Settings]>([
    ['an endpoint without a scheme', { endpoint: '127.0.0.1:9000' }],
    ['an endpoint of another scheme', { endpoint: 'ftp://example.org' }],
    ['a password in the endpoint', { endpoint: 'http://user:hunter2@example.org' }],
    ['a password in the public endpoint', { publicEndpoint: 'http://user:hunter2@example.org' }],
    ['a query in the endpoint', { endpoint: 'http://example.org?token=hunter2' }],
    ['parts too small for S3', { partSize: 5 * 1024 * 1024 - 1 }],
    ['half a part in flight', { partsInFlight: 0.5 }],
    ['no time at all', { idleTimeout: 0 }],
  ])('are refused with %s, and no secret told', (_, settings) => {
    const refusal = { code: 'CONFIG_INVALID', message: expect.not.stringContaining('hunter2') };
    expect(() => checkS3Settings(settings)).toThrow(expect.objectContaining(refusal));
  });
});
