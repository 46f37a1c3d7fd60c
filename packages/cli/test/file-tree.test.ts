import { describe, expect, test } from 'vitest';
import { FileTree, type Inode, treeDifferences } from '../src/demo/file-tree.ts';

const directory: Inode = { kind: 'directory', mode: 0o755, mtime: 0, owner: '0:0' };

function file(content: string): Inode {
  return { kind: 'file', mode: 0o644, mtime: 0, owner: '0:0', size: content.length, sha256: content };
}

function tree(entries: readonly (readonly [string, Inode])[]): FileTree {
  const made = new FileTree();
  for (const [path, inode] of entries) made.put(path, inode);
  return made;
}

describe('putting', () => {
  test('a directory onto a directory keeps what is in it', () => {
    const merged = tree([
      ['d', directory],
      ['d/f', file('x')],
      ['d', { ...directory, mode: 0o700 }],
    ]);
    expect(merged.at('d/f')).toBeDefined();
    expect(merged.at('d')?.mode).toBe(0o700);
  });

  test('anything else onto a directory takes away what was in it', () => {
    const replaced = tree([
      ['d', directory],
      ['d/f', file('x')],
      ['de', file('y')],
      ['d', file('z')],
    ]);
    expect([...replaced.lines().keys()]).toEqual(['d', 'de']);
  });
});

describe('differences', () => {
  const base = [
    ['d', directory],
    ['d/f', file('x')],
  ] as const;

  test('equal trees have none', () => expect(treeDifferences(tree(base), tree(base))).toEqual([]));

  test.each<[string, readonly (readonly [string, Inode])[], string]>([
    ['a missing name', [['d', directory]], 'd/f is missing'],
    ['another name', [...base, ['d/g', file('x')]], 'd/g should not be there'],
    [
      'other content',
      [
        ['d', directory],
        ['d/f', file('y')],
      ],
      'd/f is "file 644 0:0 0 1 y  ", not "file 644 0:0 0 1 x  "',
    ],
    [
      'another mode',
      [
        ['d', { ...directory, mode: 0o700 }],
        ['d/f', file('x')],
      ],
      'd is "directory 700 0:0 0    "',
    ],
  ])('%s is one', (_what, entries, expected) => {
    const [difference, ...more] = treeDifferences(tree(base), tree(entries));
    expect(difference).toContain(expected);
    expect(more).toEqual([]);
  });

  test('a copy is no hard link', () => {
    const shared = file('x');
    const linked = tree([
      ['a', shared],
      ['b', shared],
    ]);
    const copied = tree([
      ['a', file('x')],
      ['b', file('x')],
    ]);
    expect(treeDifferences(linked, copied)).toEqual([expect.stringMatching(/^b is /)]);
    expect(treeDifferences(linked, linked)).toEqual([]);
  });
});
