import { expect, test } from 'vitest';
import { patternFault } from '../../src/flatten/pattern.ts';

test.each([
  'etc',
  'etc/[a-z]*',
  '{etc,usr}/@(a|b)',
  'Program Files (x86)',
  'usr/bin/\\[',
  'a\\{b',
  '*[ab]',
  '/',
])('%s may be asked for', (pattern) => {
  expect(patternFault(pattern)).toBeUndefined();
});

test.each(['etc/[a', '[[:alpha:]', 'etc/{a,b', 'etc/+(a', 'usr/bin/[', 'a)', '*['])(
  '%s is half a pattern: what it was meant to match, nobody knows',
  (pattern) => {
    expect(patternFault(pattern)).toMatch(/brackets that do not pair/);
  },
);

test('a pattern has an end', () => {
  expect(patternFault('a'.repeat(100_000))).toMatch(/length/);
});
