import { expect, test } from 'vitest';
import { globMatches } from '../../src/triggers/glob.ts';

const rows: [glob: string, text: string, isMatch: boolean][] = [
  ['team/app', 'team/app', true],
  ['team/app', 'team/app2', false],
  ['team/*', 'team/app', true],
  ['team/*', 'team/', true],
  ['team/*', 'team/sub/app', false],
  ['team/**', 'team/sub/app', true],
  ['**', 'team/sub/app', true],
  ['**', '', true],
  ['*', 'app', true],
  ['*', 'team/app', false],
  ['**/app', 'team/sub/app', true],
  ['**/app', 'app', false],
  ['*/app', 'team/app', true],
  ['v?.?', 'v1.2', true],
  ['v?.?', 'v1.22', false],
  ['a?b', 'a/b', false],
  ['v1.*', 'v1.2.3', true],
  ['*-rc*', 'v1-rc2', true],
  ['*-rc*', 'v1', false],
  ['', '', true],
  ['', 'a', false],
  ['[ab]', 'a', false],
  ['[ab]', '[ab]', true],
  ['a.c', 'abc', false],
];

test.each(rows)('%j and %j: %j', (glob, text, isMatch) => expect(globMatches(glob, text)).toBe(isMatch));

test('a glob made to be slow is not', () => {
  const begun = performance.now();
  expect(globMatches(`${'*a'.repeat(120)}b`, 'a'.repeat(255))).toBe(false);
  expect(performance.now() - begun).toBeLessThan(1000);
});
