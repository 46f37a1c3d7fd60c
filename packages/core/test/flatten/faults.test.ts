import { expect, test } from 'vitest';
import { type Layer, layer } from '../../../../test/support/images/layer.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { flatten } from './flattened.ts';

interface Row {
  readonly fault: string;
  readonly layers: readonly (Layer | Buffer)[];
  readonly code: ErrorCode;
  /** What the message must name. */
  readonly names: RegExp;
}

const file = layer().file('a', 'one'.repeat(1000));

const rows: Row[] = [
  {
    fault: 'a whiteout of no name',
    layers: [layer().file('d/.wh.')],
    code: 'WHITEOUT_INVALID',
    names: /d\/\.wh\./,
  },
  {
    fault: 'a whiteout of the directory itself',
    layers: [layer().file('d/.wh..')],
    code: 'WHITEOUT_INVALID',
    names: /d\/\.wh\.\./,
  },
  {
    fault: 'a hard link to nothing',
    layers: [layer().hardlink('b', 'x/a')],
    code: 'HARDLINK_INVALID',
    names: /"b".*"x\/a"/,
  },
  {
    fault: 'a hard link to what a whiteout took before it',
    layers: [layer().file('a'), layer().whiteout('a').hardlink('b', 'a')],
    code: 'HARDLINK_INVALID',
    names: /"b".*"a"/,
  },
  {
    fault: 'a hard link to itself where nothing is',
    layers: [layer().hardlink('b', 'b')],
    code: 'HARDLINK_INVALID',
    names: /"b"/,
  },
  {
    fault: 'two hard links to each other',
    layers: [layer().hardlink('b', 'c').hardlink('c', 'b')],
    code: 'HARDLINK_INVALID',
    names: /"b".*"c"/,
  },
  {
    fault: 'a hard link to a directory',
    layers: [layer().directory('d').hardlink('b', 'd')],
    code: 'HARDLINK_INVALID',
    names: /"b".*"d"/,
  },
  {
    fault: 'a root that is a file',
    layers: [layer().file('./', 'one')],
    code: 'LAYER_INVALID',
    names: /root/,
  },
  {
    fault: 'a parent that is a loop of symlinks',
    layers: [layer().symlink('l', 'm').symlink('m', 'l').file('l/x')],
    code: 'SYMLINK_LOOP',
    names: /circle, at "l": the limit symlinkHops is 40/,
  },
  {
    fault: 'an entry of an unknown type',
    layers: [layer().entry({ name: 'a', type: 'Q' })],
    code: 'LAYER_INVALID',
    names: /"a".*"Q"/,
  },
  { fault: 'a wrong checksum', layers: [damaged(file.tar(), 3)], code: 'LAYER_INVALID', names: /checksum/ },
  {
    fault: 'a header cut off',
    layers: [file.tar().subarray(0, 100)],
    code: 'LAYER_TRUNCATED',
    names: /layer 0/,
  },
  { fault: 'data cut off', layers: [file.tar().subarray(0, 1024)], code: 'LAYER_TRUNCATED', names: /"a"/ },
  {
    fault: 'a lone zero block',
    layers: [Buffer.concat([file.tar(1), file.tar()])],
    code: 'LAYER_INVALID',
    names: /zero block/,
  },
  {
    fault: 'no tar at all',
    layers: [Buffer.alloc(4096, 'nothing ')],
    code: 'LAYER_INVALID',
    names: /checksum/,
  },
  {
    fault: 'malformed PAX records',
    layers: [
      layer()
        .file('a', '', { pax: { '': '' } })
        .raw()
        .tar()
        .fill('9', 512, 514),
    ],
    code: 'LAYER_INVALID',
    names: /PAX/,
  },
  {
    fault: 'the second of two layers',
    layers: [file, damaged(file.tar(), 3)],
    code: 'LAYER_INVALID',
    names: /layer 1/,
  },
];

function damaged(bytes: Buffer, at: number): Buffer {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return bytes;
}

test.each(rows)('$fault: $code', async ({ layers, code, names }) => {
  const fault = await flatten(layers).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toMatchObject({ code, message: expect.stringMatching(names) });
  expect(String(fault)).not.toContain('\n');
});
