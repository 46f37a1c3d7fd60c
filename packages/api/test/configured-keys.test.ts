import { expect, test } from 'vitest';
import { ConfiguredKeys } from '../src/configured-keys.ts';

const keys = new ConfiguredKeys(['first-key-of-the-service', 'second-key-of-the-service']);

test.each(['first-key-of-the-service', 'second-key-of-the-service'])('opens: %s', (key) => {
  expect(keys.clientOf(key)).toMatch(/^configured-[12]$/);
});

test.each([
  ['an empty key', ''],
  ['a wrong key', 'third-key-of-the-service'],
  ['the start of a key', 'first-key'],
  ['a key and more', 'first-key-of-the-service-x'],
])('does not open: %s', (_situation, key) => {
  expect(keys.clientOf(key)).toBeUndefined();
});

test('a client has one name, another client another', () => {
  const [first, second] = [
    keys.clientOf('first-key-of-the-service'),
    keys.clientOf('second-key-of-the-service'),
  ];
  expect(keys.clientOf('first-key-of-the-service')).toBe(first);
  expect(second).not.toBe(first);
});

test('without keys nothing opens', () => {
  const none = new ConfiguredKeys([]);
  expect(none.isEmpty).toBe(true);
  expect(none.clientOf('x')).toBeUndefined();
});
