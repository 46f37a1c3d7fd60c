import { expect, test } from 'vitest';
import { ApiKeys } from '../src/api-keys.ts';

const keys = new ApiKeys(['first-key-of-the-service', 'second-key-of-the-service']);

test.each([
  ['a key', 'Bearer first-key-of-the-service'],
  ['another key', 'Bearer second-key-of-the-service'],
  ['the scheme in small letters', 'bearer first-key-of-the-service'],
  ['blanks around the key', 'Bearer   first-key-of-the-service '],
])('opens: %s', (_situation, header) => {
  expect(keys.clientOf(header)).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ['no header', undefined],
  ['an empty header', ''],
  ['no key', 'Bearer '],
  ['a wrong key', 'Bearer third-key-of-the-service'],
  ['the start of a key', 'Bearer first-key'],
  ['a key and more', 'Bearer first-key-of-the-service x'],
  ['another scheme', 'Basic first-key-of-the-service'],
  ['the key without a scheme', 'first-key-of-the-service'],
])('does not open: %s', (_situation, header) => {
  expect(keys.clientOf(header)).toBeUndefined();
});

test('a client has one name, another client another, and neither holds the key', () => {
  const [first, second] = [
    keys.clientOf('Bearer first-key-of-the-service'),
    keys.clientOf('Bearer second-key-of-the-service'),
  ];
  expect(keys.clientOf('bearer first-key-of-the-service')).toBe(first);
  expect(second).not.toBe(first);
});

test('without keys nothing opens', () => {
  const none = new ApiKeys([]);
  expect(none.isEmpty).toBe(true);
  expect(none.clientOf('Bearer x')).toBeUndefined();
});
