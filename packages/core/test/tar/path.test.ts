import { describe, expect, test } from 'vitest';
import { PathComponents, targetComponents } from '../../src/tar/path.ts';

describe('an entry path', () => {
  test.each([
    { raw: 'a', clean: 'a', canonical: true },
    { raw: 'a/b', clean: 'a/b', canonical: true },
    { raw: 'a/b/', clean: 'a/b', canonical: true },
    { raw: './a', clean: 'a', canonical: false },
    { raw: '/a', clean: 'a', canonical: false },
    { raw: 'a//b', clean: 'a/b', canonical: false },
    { raw: 'a/./b', clean: 'a/b', canonical: false },
    { raw: 'a/../b', clean: 'b', canonical: false },
    { raw: '../../x', clean: 'x', canonical: false },
    { raw: 'a/b/../../..', clean: '', canonical: false },
    { raw: '', clean: '', canonical: false },
    { raw: './', clean: '', canonical: false },
    { raw: '/', clean: '', canonical: false },
    { raw: '..a/b..', clean: '..a/b..', canonical: true },
    { raw: 'a//', clean: 'a', canonical: false },
  ])('$raw is $clean', ({ raw, clean, canonical }) => {
    const path = new PathComponents(8);
    path.parse(Buffer.from(raw));
    const components = Array.from({ length: path.count }, (_, index) => path.component(index).toString());
    expect({ clean: components.join('/'), canonical: path.canonical }).toEqual({ clean, canonical });
  });

  test('of more components than the limit is refused', () => {
    expect(() => new PathComponents(2).parse(Buffer.from('a/b/c'))).toThrow(
      /"a\/b\/c" is too many directories deep: the limit pathDepth is 2/,
    );
  });
});

test.each([
  { target: 'a/../b', absolute: false, components: ['a', '..', 'b'] },
  { target: '/a//./b/', absolute: true, components: ['a', 'b'] },
  { target: '', absolute: false, components: [] },
])("a symlink's target $target keeps its dot-dots", ({ target, absolute, components }) => {
  const parsed = targetComponents(Buffer.from(target));
  expect({ ...parsed, components: parsed.components.map(String) }).toEqual({ absolute, components });
});
