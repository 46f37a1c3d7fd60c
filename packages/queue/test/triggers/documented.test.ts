import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { providers } from '../../src/triggers/trigger.ts';

test('the table of docs/triggers.md has a row for each provider, and no other', () => {
  const document = readFileSync(new URL('../../../../docs/triggers.md', import.meta.url), 'utf8');
  const rows = [...document.matchAll(/^\| `([a-z-]+)` \|/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== 'provider');
  expect(rows.toSorted()).toEqual([...providers].sort());
});
