import { describe, expect, test } from 'vitest';
import { layer } from '../../../../test/support/images/layer.ts';
import { type Choices, flatten, listing } from './flattened.ts';

const image = [
  layer()
    .directory('etc')
    .file('etc/passwd', 'one')
    .file('etc/.hidden', 'one')
    .directory('etc/ssl')
    .file('etc/ssl/a.pem', 'one')
    .directory('usr')
    .directory('usr/lib')
    .file('usr/lib/x.so', 'one')
    .file('usr/lib/x.so.1', 'one')
    .file('!odd', 'one')
    .file('n\nl/x.txt', 'one')
    .file('B.txt', 'one'),
];

async function names(choices: Choices, layers = image): Promise<string[]> {
  const { tar } = await flatten(layers, choices);
  return (await listing(tar, ['', 'one', 'two'])).map((line) => line.replace(/: (one|two)?$/, ''));
}

interface Row {
  readonly what: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly left: readonly string[];
}

const etc = ['etc/', 'etc/.hidden', 'etc/passwd', 'etc/ssl/', 'etc/ssl/a.pem'];
const usr = ['usr/', 'usr/lib/', 'usr/lib/x.so', 'usr/lib/x.so.1'];
const others = ['!odd', 'B.txt', 'n\nl/', 'n\nl/x.txt'];
const all = [...others, ...etc, ...usr].sort();

const rows: Row[] = [
  { what: 'a name', include: ['etc/passwd'], left: ['etc/', 'etc/passwd'] },
  { what: 'a directory, with all below it', include: ['etc'], left: etc },
  { what: 'a directory with a slash behind it', include: ['etc/'], left: etc },
  { what: 'a path from the root', include: ['/etc', './usr'], left: [...etc, ...usr] },
  { what: 'the root', include: ['/'], left: all },
  { what: 'all below a directory', include: ['etc/**'], left: etc },
  {
    what: 'a star, which does not cross a slash',
    include: ['*.pem', '*/passwd'],
    left: ['etc/', 'etc/passwd'],
  },
  { what: 'a star, which takes dots', include: ['etc/*'], left: etc },
  {
    what: 'two stars, which cross slashes',
    include: ['**/*.pem'],
    left: ['etc/', 'etc/ssl/', 'etc/ssl/a.pem'],
  },
  { what: 'two stars, at the root too', include: ['**/B.txt'], left: ['B.txt'] },
  { what: 'two stars over a newline', include: ['**/x.txt'], left: ['n\nl/', 'n\nl/x.txt'] },
  { what: 'one character', include: ['usr/lib/x.so.?'], left: ['usr/', 'usr/lib/', 'usr/lib/x.so.1'] },
  { what: 'one character of some', include: ['[AB].txt'], left: ['B.txt'] },
  {
    what: 'one of some texts',
    include: ['{B,C}.txt', '{etc/passwd,no}'],
    left: ['B.txt', 'etc/', 'etc/passwd'],
  },
  { what: 'capitals as they are', include: ['b.txt'], left: [] },
  { what: 'an exclamation mark, which is a character', include: ['!odd'], left: ['!odd'] },
  {
    what: 'a character without its meaning',
    include: ['usr/lib/x\\.so', 'usr/\\*'],
    left: ['usr/', 'usr/lib/', 'usr/lib/x.so'],
  },
  { what: 'nothing that is there', include: ['opt'], left: [] },
  { what: 'a directory left out, and all below it', exclude: ['etc', 'usr'], left: others },
  {
    what: 'all below a directory left out, and the directory',
    exclude: ['etc/**'],
    left: [...others, ...usr],
  },
  {
    what: 'a directory kept without its content',
    exclude: ['etc/*', 'usr/lib/*.1'],
    left: [...others, 'etc/', 'usr/', 'usr/lib/', 'usr/lib/x.so'],
  },
  { what: 'what is excluded stays out', include: ['etc/ssl'], exclude: ['etc'], left: [] },
  {
    what: 'both',
    include: ['etc'],
    exclude: ['**/*.pem'],
    left: ['etc/', 'etc/.hidden', 'etc/passwd', 'etc/ssl/'],
  },
  { what: 'no patterns', include: [], exclude: [], left: all },
];

describe('patterns', () => {
  test.each(rows)('$what', async ({ include, exclude, left }) => {
    expect(await names({ include, exclude })).toEqual([...left].sort());
  });

  test('match names that are not UTF-8 by replacement characters', async () => {
    const layers = [
      layer()
        .file(Buffer.from([0x61, 0xff]), 'one')
        .file('ab', 'one'),
    ];
    expect(await names({ include: ['a\ufffd'] }, layers)).toHaveLength(1);
    expect(await names({ exclude: ['a?'] }, layers)).toEqual([]);
  });

  test('that leave out the first name of a file give its content to another', async () => {
    const { tar } = await flatten([layer().file('a', 'one').hardlink('b', 'a').hardlink('c', 'a')], {
      exclude: ['a'],
    });
    expect(await listing(tar, ['one'])).toEqual(['b: one', 'c == b']);
  });

  test('keep the metadata of directories that lead to a match', async () => {
    const layers = [layer().directory('d', { mode: 0o700, uid: 7 }).file('d/a', 'one').file('d/b', 'one')];
    const { tar } = await flatten(layers, { include: ['d/a'] });
    expect(tar.toString('latin1', 100, 115)).toBe('0000700\x000000007');
  });

  test('choose among kept whiteouts too', async () => {
    const layers = [layer().directory('a').whiteout('a/x').whiteout('b/x')];
    expect(await names({ keepWhiteouts: true, include: ['a'] }, layers)).toEqual(['a/', 'a/.wh.x']);
  });
});

describe('the files of eStargz', () => {
  const layers = [
    layer()
      .file('stargz.index.json', 'one')
      .file('.no.prefetch.landmark', 'one')
      .file('.prefetch.landmark', 'one')
      .file('etc/stargz.index.json', 'two'),
  ];

  test('are kept as others are', async () => expect(await names({}, layers)).toHaveLength(5));

  test('are dropped on request, in the root alone', async () => {
    expect(await names({ dropEstargz: true }, layers)).toEqual(['etc/', 'etc/stargz.index.json']);
  });

  test('give their content to a link that leads to them', async () => {
    const linked = [layer().file('stargz.index.json', 'one').hardlink('a', 'stargz.index.json')];
    const { tar } = await flatten(linked, { dropEstargz: true });
    expect(await listing(tar, ['one'])).toEqual(['a: one']);
  });
});
