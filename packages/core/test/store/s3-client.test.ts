import { describe, expect, test } from 'vitest';
import { leaveSecureBodyUnsigned, usesChecksums } from '../../src/store/s3-client.ts';

describe('the body of a request', () => {
  const header = 'x-amz-content-sha256';
  test.each([
    ['over TLS', 'https:', Buffer.from('x'), 'UNSIGNED-PAYLOAD'],
    ['over plain HTTP', 'http:', Buffer.from('x'), undefined],
    ['of text over TLS', 'https:', '<xml/>', undefined],
    ['that is absent', 'https:', undefined, undefined],
  ])('%s', (_, protocol, body, expected) => {
    const request = { protocol, body, headers: {} as Record<string, string> };
    leaveSecureBodyUnsigned(request);
    expect(request.headers[header]).toBe(expected);
  });
});

test.each([
  ['AWS', {}, true],
  ['another server', { endpoint: 'http://127.0.0.1' }, false],
  ['another server that has them', { endpoint: 'http://127.0.0.1', checksums: 'when-supported' }, true],
  ['AWS without them', { checksums: 'when-required' }, false],
] as const)('checksums for %s', (_, settings, expected) => {
  expect(usesChecksums(settings)).toBe(expected);
});
