import { expect, test } from 'vitest';
import { bearerOf, isLoopback } from '../src/authentication.ts';

test.each(['127.0.0.1', '127.8.9.1', 'localhost', '::1', '[::1]', 'LOCALHOST'])(
  '%s is this machine',
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

test.each(['0.0.0.0', '::', '10.0.0.1', 'example.com', 'localhost.example.com', '127.0.0.1.example.com', ''])(
  '%j may be reached from elsewhere',
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);

test.each([
  ['the scheme as it is written', 'Bearer the-key', 'the-key'],
  ['the scheme in small letters', 'bearer the-key', 'the-key'],
  ['blanks around the key', 'Bearer   the-key ', 'the-key'],
  ['no header', undefined, undefined],
  ['an empty header', '', undefined],
  ['no key', 'Bearer ', undefined],
  ['a key and more', 'Bearer the-key x', undefined],
  ['another scheme', 'Basic the-key', undefined],
  ['the key without a scheme', 'the-key', undefined],
])('the key in a header with %s', (_situation, header, key) => {
  expect(bearerOf(header)).toBe(key);
});
