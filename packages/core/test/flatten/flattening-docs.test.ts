import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const tests = join(import.meta.dirname, '..');
const docs = readFileSync(join(tests, '../../../docs/flattening.md'), 'utf8');

interface Row {
  readonly what: string;
  readonly tests: readonly string[];
}

/** The rows of the tables that have a column of tests. */
function documented(): Row[] {
  const rows: Row[] = [];
  let column = -1;
  for (const line of docs.split('\n')) {
    const cells = line.startsWith('|') ? line.slice(1, -1).split('|') : [];
    const trimmed = cells.map((cell) => cell.trim());
    if (trimmed.includes('Tests')) column = trimmed.indexOf('Tests');
    else if (cells.length === 0) column = -1;
    else if (column !== -1 && trimmed[0] !== '---') {
      rows.push({ what: trimmed[0] ?? '', tests: (trimmed[column] ?? '').split(' · ') });
    }
  }
  return rows;
}

/** The text of the test files that are wanted. */
function sources(isWanted: (path: string) => boolean): string {
  return readdirSync(tests, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && isWanted(path))
    .map((path) => readFileSync(join(tests, path), 'utf8'))
    .join('\n');
}

const text = sources((path) => path !== 'flatten/flattening-docs.test.ts');

function isTested(name: string): boolean {
  return [`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => text.includes(quoted));
}

const rows = documented();

test.each(rows)('docs/flattening.md names tests that there are: $what', ({ tests: names }) => {
  expect(names.filter((name) => !isTested(name))).toEqual([]);
});

test('docs/flattening.md tells of every rule of the tables of rules', () => {
  const rules = sources((path) => path.startsWith('flatten/rules/'));
  const named = [...rules.matchAll(/\brule: (?:'([^']+)'|"([^"]+)")/g)].map(
    ([, one, two]) => one ?? two ?? '',
  );
  const told = new Set(rows.flatMap((row) => row.tests));
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((name) => !told.has(name))).toEqual([]);
});
