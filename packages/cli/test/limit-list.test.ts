import { readFileSync } from 'node:fs';
import { limitBounds, limitNames } from '@dimgx/core';
import { describe, expect, test } from 'vitest';
import { limitList } from '../src/configuration/limit-list.ts';

describe('a list of limits', () => {
  test.each([
    ['entries=5', { entries: 5 }],
    ['entries=5, pathBytes=8k', { entries: 5, pathBytes: 8192 }],
    ['uncompressedBytes=2T', { uncompressedBytes: 2 ** 41 }],
    ['entries=5,entries=6', { entries: 6 }],
  ])('%s', (text, limits) => expect(limitList().parse(text)).toEqual(limits));

  test.each([
    ['entries', '"entries" is not'],
    ['entries=x', '"entries=x" is not'],
    ['entries=5,', '"" is not'],
    ['entries=5;pathBytes=6', '"entries=5;pathBytes=6" is not'],
    ['entires=5', 'there is no limit entires; did you mean entries?'],
    ['constructor=5', `there is no limit constructor; they are ${limitNames.join(', ')}`],
    ['entries=-3,pathBytes=1Q', '"entries=-3" is not; "pathBytes=1Q" is not'],
    ['entries=0', 'the limit entries is a whole number from 1 to 100000000, not 0'],
    ['pathDepth=1G', 'the limit pathDepth is a whole number from 1 to 4096, not 1073741824'],
  ])('%s is none', (text, fault) => {
    expect(limitList().safeParse(text).error?.issues).toMatchObject([
      { message: `must be NAME=NUMBER, comma-separated (${fault})` },
    ]);
  });
});

test('the table of docs/configuration.md has each limit as it is', () => {
  const docs = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  const rows = docs.split('\n').filter((line) => /^\| `[a-z]\w+` \| \d/.test(line));
  const wanted = limitNames.map((name) => {
    const { default: usual, most, meaning } = limitBounds[name];
    return `| \`${name}\` | ${written(usual)} | ${written(most)} | ${meaning} |`;
  });
  expect(rows).toEqual(wanted);
});

/** As it can be given to `--limits`. */
function written(value: number): string {
  const units = [
    ['T', 2 ** 40],
    ['G', 2 ** 30],
    ['M', 2 ** 20],
  ] as const;
  for (const [unit, factor] of units) if (value % factor === 0) return `${value / factor}${unit}`;
  return String(value);
}
