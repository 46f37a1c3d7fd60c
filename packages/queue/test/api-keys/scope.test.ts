import { expect, test } from 'vitest';
import { allows, scopes } from '../../src/api-keys/scope.ts';

test.each(scopes)('admin is also %s', (scope) => {
  expect(allows(['admin'], scope)).toBe(true);
});

test.each(scopes.filter((scope) => scope !== 'admin'))('%s is itself alone', (scope) => {
  expect(scopes.filter((needed) => allows([scope], needed))).toEqual([scope]);
});

test('several add up', () => {
  expect(scopes.filter((needed) => allows(['read', 'submit'], needed))).toEqual(['read', 'submit']);
});
