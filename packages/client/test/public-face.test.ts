import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const source = join(import.meta.dirname, '../src');
const face = readFileSync(join(source, 'index.ts'), 'utf8');

const exported = [...face.matchAll(/export (?:type )?\{([^}]*)\} from '\.\/([^']+)'/g)].flatMap(
  ([, names = '', from = '']) =>
    [...names.matchAll(/(?:type )?(\w+)/g)].map(([, name = '']) => ({ name, from })),
);

test.each(exported)('$name says what it is', ({ name, from }) => {
  const text = readFileSync(join(source, from), 'utf8');
  expect(text).toMatch(new RegExp(`\\*/\\nexport (?:function|class|interface|type) ${name}\\b`));
});

test('what can be reached from the face can be named', () => {
  const internal = ['Connection', 'ConnectionOptions', 'ServiceRequest', 'ServiceErrorDetails'];
  const kept = new Set([...exported.map(({ name }) => name), ...internal]);
  const files = [...new Set(exported.map(({ from }) => from))];
  const used = files.flatMap((from) => {
    const text = readFileSync(join(source, from), 'utf8');
    return [...text.matchAll(/^export (?:interface|type|class) (\w+)/gm)].map(([, name = '']) => name);
  });
  expect(used.filter((name) => !kept.has(name))).toEqual([]);
});
