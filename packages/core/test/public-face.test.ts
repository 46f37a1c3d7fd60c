import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const core = join(import.meta.dirname, '..');
const readme = readFileSync(join(core, 'README.md'), 'utf8');

interface Exported {
  readonly name: string;
  readonly isType: boolean;
  /** The file below src. */
  readonly from: string;
}

function exportsOf(face: string): Exported[] {
  const text = readFileSync(join(core, 'src', face), 'utf8');
  return [...text.matchAll(/export( type)? \{([^}]*)\} from '\.\/([^']+)'/g)].flatMap(
    ([, allTypes, names = '', from = '']) =>
      [...names.matchAll(/(type )?(\w+)/g)].map(([, type, name = '']) => ({
        name,
        isType: (allTypes ?? type) !== undefined,
        from,
      })),
  );
}

const publicFace = exportsOf('index.ts');

/** A name that is for the service alone belongs into service-face.ts. */
test.each(publicFace.filter(({ isType }) => !isType))('README.md tells of $name', ({ name }) => {
  expect(readme).toMatch(new RegExp(`\`${name}\\b`));
});

test.each([...publicFace, ...exportsOf('service-face.ts')])('$name says what it is', ({ name, from }) => {
  const text = readFileSync(join(core, 'src', from), 'utf8');
  const kinds = 'function|async function|const|class|interface|type';
  expect(text).toMatch(new RegExp(`\\*/\\nexport (?:${kinds}) ${name}\\b`));
});

describe('README.md', () => {
  const options = (heading: string): string[] => {
    const chapter = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
    const rows = chapter.split('\n').filter((line) => line.startsWith('| `'));
    return rows
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/\w+/g)].map(([name]) => name))
      .sort();
  };
  const fields = (file: string, name: string): string[] => {
    const text = readFileSync(join(core, 'src', file), 'utf8');
    const body = text.split(`export interface ${name} {`)[1]?.split('\n}')[0] ?? '';
    return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field = '']) => field).sort();
  };

  test('has each option of opening', () => {
    const known = fields('source/source.ts', 'SourceOptions');
    expect(known.length).toBeGreaterThan(0);
    expect(options('Opening')).toEqual(known);
  });

  test('has each option of flattening', () => {
    const known = fields('flatten/options.ts', 'FlattenOptions');
    expect(known.length).toBeGreaterThan(0);
    expect(options('Flattening')).toEqual(known);
  });
});
