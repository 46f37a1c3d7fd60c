import { type Layer, layer } from '../support/images/layer.ts';
import type { LayerSpec } from '../support/images/test-image.ts';

/** An image made to be got wrong, of entries that umoci and the rules treat alike. */
export interface AdversarialImage {
  readonly name: string;
  /** Oldest first. */
  readonly layers: readonly LayerSpec[];
}

/** Binary, with what PAX records are made of in it. */
const awkward = Buffer.from([0x3d, 0x0a, 0x00, 0xff, 0x3d]);

const long = `long/${'folder-'.repeat(13)}/${'name-'.repeat(40)}`;

const holes = {
  size: 2_000_000,
  pieces: [0, 1, 2, 3, 4, 5].map((index) => ({ offset: index * 300_000, content: `${index}`.repeat(1024) })),
};

/** What most of the images stand on. */
const base = layer()
  .directory('.', { mode: 0o711, mtime: 1_500_000_000 })
  .directory('d', { mtime: 1_500_000_001 })
  .file('d/a', 'one')
  .directory('d/sub')
  .file('d/sub/b', 'two')
  .directory('usr')
  .directory('usr/lib')
  .file('usr/lib/x', 'lib')
  .symlink('lib', 'usr/lib')
  .file('f', 'three')
  .hardlink('g', 'f');

const whiteouts: readonly AdversarialImage[] = [
  {
    name: 'whiteouts before and after entries of their path',
    layers: [base, layer().whiteout('f').file('f', 'new').directory('e').file('e/x', 'x').whiteout('e')],
  },
  {
    name: 'whiteouts of any type, of what is not there, and names that only look like one',
    layers: [
      base,
      layer()
        .hardlink('.wh.f', 'd/a')
        .directory('d/.wh.sub')
        .device('.wh.g', 'char', 0, 0)
        .whiteout('nothing')
        .file('foo.wh.bar', 'x')
        .directory('a.wh.b')
        .file('a.wh.b/c', 'x'),
    ],
  },
  {
    name: 'a directory removed and made anew, with and without its entry',
    layers: [
      base,
      layer()
        .whiteout('d')
        .directory('d', { mode: 0o700 })
        .file('d/new', 'new')
        .whiteout('usr')
        .file('usr/new'),
    ],
  },
  {
    name: 'opaque directories: first, in the middle, last, nested, of what is not there',
    layers: [
      base,
      layer().directory('d').file('d/before', 'x').opaque('d').file('d/after', 'x').opaque('usr/lib'),
      layer()
        .directory('d')
        .directory('d/sub')
        .file('d/sub/c', 'x')
        .opaque('d')
        .file('usr/lib/.wh..wh..opqX'),
    ],
  },
  {
    name: 'an opaque root',
    layers: [base, layer().file('before', 'x').opaque('').file('after', 'x')],
  },
];

const typeChanges: readonly AdversarialImage[] = [
  {
    name: 'directory, file, directory over three layers',
    layers: [base, layer().file('d', 'file'), layer().directory('d').file('d/new', 'x')],
  },
  {
    name: 'every type over every other',
    layers: [
      base,
      layer().symlink('d', 'usr').fifo('f').directory('g').file('lib', 'no link any more'),
      layer().file('d', 'x').device('f', 'char', 1, 3).symlink('g', 'f').directory('lib'),
      layer().directory('d').file('f', 'y').hardlink('g', 'f').file('lib/in', 'x'),
    ],
  },
  {
    name: 'entries and whiteouts below symlinks to directories',
    layers: [
      base,
      layer().file('lib/y', 'through').whiteout('lib/x'),
      layer()
        .symlink('up', '../../../usr')
        .file('up/lib/z', 'clamped')
        .symlink('abs', '/d')
        .file('abs/w', 'x'),
    ],
  },
  {
    name: 'a file over a directory over a symlink, and what went through it, in one layer',
    layers: [
      base,
      layer()
        .symlink('q', 'usr')
        .file('q/through', 'x')
        .directory('q')
        .file('q/in', 'x')
        .file('q', 'file')
        .whiteout('d')
        .symlink('d', 'usr')
        .file('d/lands', 'x')
        .whiteout('d/lib/x'),
    ],
  },
  {
    name: 'symlinks that go round until an entry takes the place of one',
    layers: [
      base,
      layer().symlink('l1', 'l2').symlink('l2', 'l1'),
      layer().directory('l1').file('l2/y', 'x').whiteout('f').directory('f').symlink('to', 'f').file('to/z'),
    ],
  },
];

const hardLinks: readonly AdversarialImage[] = [
  {
    name: 'names of one file that go one by one, the first one first',
    layers: [
      base.hardlink('d/h', 'f').directory('deep').hardlink('deep/h', 'f'),
      layer().whiteout('f'),
      layer().file('g', 'other').opaque('d').hardlink('k', 'deep/h'),
      layer().whiteout('deep').hardlink('d', 'k'),
    ],
  },
  {
    name: 'links whose target an upper layer replaces, removes, hides, or whose folder it replaces',
    layers: [
      base.directory('h').hardlink('h/a', 'd/a').hardlink('h/b', 'd/sub/b').hardlink('h/x', 'usr/lib/x'),
      layer().file('f', 'other').whiteout('d/a').opaque('d/sub').symlink('usr', 'd'),
    ],
  },
  {
    name: 'links to lower layers, to symlinks, to links, through symlinked folders, from the root',
    layers: [
      base,
      layer().hardlink('d/f', 'f').hardlink('liblink', 'lib').hardlink('i', './g').hardlink('j', '/d/f'),
      layer().hardlink('k', 'lib/x').hardlink('f', 'd/a').hardlink('lib/l', 'k'),
    ],
  },
  {
    name: "a link entry's own mode, owner and time are the target's",
    layers: [base, layer().hardlink('m', 'f', { mode: 0o4777, uid: 5, mtime: 7 })],
  },
  {
    name: 'links to devices and fifos',
    layers: [
      layer().device('c', 'char', 1, 5).hardlink('c2', 'c').fifo('p').hardlink('p2', 'p'),
      layer().whiteout('c').whiteout('p'),
    ],
  },
];

const namesAndMetadata: readonly AdversarialImage[] = [
  {
    name: 'names in every spelling, and twice',
    layers: [
      layer()
        .file('./a', '1')
        .file('/b', '2')
        .directory('c')
        .file('c//d', '3')
        .file('c/./e', '4')
        .file('c/../f', '5')
        .file('../../g', '6'),
      layer()
        .file('a', 'first')
        .file('a', 'second')
        .directory('c', { mode: 0o700 })
        .directory('c/', { mode: 0o711 }),
    ],
  },
  {
    name: 'long names and targets, no UTF-8, and characters that shells mind',
    layers: [
      ...(['pax', 'gnu'] as const).map((dialect) =>
        layer()
          .file(`${long}-${dialect}`, dialect, { dialect })
          .hardlink(`hard-${dialect}`, `${long}-${dialect}`, { dialect })
          .symlink(`symlink-${dialect}`, `${long}-${dialect}`, { dialect }),
      ),
      layer()
        .file(Buffer.from('caf\xe9', 'latin1'), 'x')
        .file(Buffer.from('caf\xe8', 'latin1'), 'x', { dialect: 'gnu' })
        .file('back\\slash', 'x')
        .file('C:x', 'x')
        .file('new\nline', 'x')
        .file(' space ', 'x'),
      layer().whiteout(Buffer.from('caf\xe9', 'latin1')).whiteout(`${long}-pax`),
    ],
  },
  {
    name: 'owners, modes and times at their ends',
    layers: [
      layer()
        .file('owner', 'x', { uid: 3_000_000, gid: 4_000_000_000 })
        .file('owner-gnu', 'x', { uid: 3_000_000, gid: 4_000_000_000, dialect: 'gnu' })
        .file('setid', 'x', { mode: 0o6755, uid: 1, gid: 2 })
        .directory('sticky', { mode: 0o1777 })
        .file('unreadable', 'x', { mode: 0 })
        .file('fraction', 'x', { mtime: 1_500_000_000.123456 })
        .file('old', 'x', { mtime: -1_000_000 })
        .file('old-gnu', 'x', { mtime: -1_000_000, dialect: 'gnu' })
        .file('far', 'x', { mtime: 8_600_000_000 }),
    ],
  },
  {
    name: 'extended attributes, which an upper entry does not inherit',
    layers: [
      layer()
        .directory('d', { xattrs: { 'user.d': 'lower' } })
        .file('a', 'x', { xattrs: { 'user.binary': awkward, 'security.capability': capability() } })
        .file('b', 'x', { xattrs: { 'user.b': 'lower' } }),
      layer().directory('d').file('b', 'x'),
    ],
  },
  {
    name: 'a sparse file',
    layers: [layer().sparse('sparse', holes, 'pax-1.0').file('after', 'x')],
  },
];

/** cap_net_raw=ep, as the kernel stores it (revision 2). */
function capability(): Buffer {
  const value = Buffer.alloc(20);
  value.writeUInt32LE(0x02000001, 0);
  value.writeUInt32LE(1 << 13, 4);
  return value;
}

const layers: readonly AdversarialImage[] = [
  {
    name: 'the same layer twice, one without end blocks, an empty one',
    layers: [base, layer().file('one', 'x').tar(0), base, layer()],
  },
  {
    name: 'gzip from layer to layer',
    layers: [
      { tar: base, compression: 'gzip' },
      layer().whiteout('f'),
      { tar: layer().file('x'), compression: 'gzip' },
    ],
  },
  { name: 'a hundred layers', layers: hundredLayers() },
];

function hundredLayers(): Layer[] {
  return Array.from({ length: 100 }, (_, index) => {
    const built = layer().directory('d').file(`d/${index}`, `${index}`).file('same', `${index}`);
    return index % 3 === 2 ? built.whiteout(`d/${index - 1}`) : built;
  });
}

export const adversarialImages: readonly AdversarialImage[] = [
  ...whiteouts,
  ...typeChanges,
  ...hardLinks,
  ...namesAndMetadata,
  ...layers,
];
