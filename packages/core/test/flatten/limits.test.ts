import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Layer, layer } from '../../../../test/support/images/layer.ts';
import { DimgxError } from '../../src/errors.ts';
import {
  defaultLimits,
  type LimitName,
  limitBounds,
  limitNames,
  limitsWith,
} from '../../src/flatten/limits.ts';
import { flatten } from './flattened.ts';

interface Row {
  readonly case: string;
  readonly layers: readonly (Layer | Buffer)[];
  readonly limit: LimitName;
  readonly most: number;
  /** What went past it. */
  readonly names: RegExp;
  readonly code?: 'SYMLINK_LOOP';
}

const file = layer().file('a', 'one'.repeat(1000));
const zeros = gzipSync(
  layer()
    .file('zeros', Buffer.alloc(70 * 1024 * 1024))
    .tar(),
  { level: 1 },
);
const longLink = layer().symlink('l', 'x'.repeat(201));

const rows: Row[] = [
  {
    case: 'entries of all layers',
    layers: [layer().file('a').file('b'), layer().file('c')],
    limit: 'entries',
    most: 2,
    names: /^layer 1: "c" is one entry or directory too many/,
  },
  {
    case: 'directories that paths imply',
    layers: [layer().file('a/b/c/d')],
    limit: 'entries',
    most: 3,
    names: /"a\/b\/c\/d"/,
  },
  {
    case: 'entries that are whiteouts of nothing',
    layers: [layer().whiteout('a').whiteout('b').whiteout('c')],
    limit: 'entries',
    most: 2,
    names: /"\.wh\.c"/,
  },
  {
    case: 'names in the tree',
    layers: [layer().file('first').file('second')],
    limit: 'nameBytes',
    most: 10,
    names: /the names up to "second"/,
  },
  {
    case: 'names of links that wait for their targets',
    layers: [layer().hardlink('l', 'x'.repeat(10)).file('x'.repeat(10))],
    limit: 'nameBytes',
    most: 10,
    names: /the names up to "l"/,
  },
  {
    case: 'a path',
    layers: [layer().file('x'.repeat(201))],
    limit: 'pathBytes',
    most: 200,
    names: /a path has 201 bytes, "xxx/,
  },
  {
    case: "a link's target",
    layers: [longLink],
    limit: 'pathBytes',
    most: 200,
    names: /target of "l" has 201/,
  },
  {
    case: 'a path that symlinks lead to',
    layers: [
      layer()
        .symlink('l', `${'d'.repeat(60)}/${'e'.repeat(60)}`)
        .file('l/m', 'one'),
    ],
    limit: 'pathBytes',
    most: 120,
    names: /^layer 0: a link target of "l" has 121 bytes/,
  },
  {
    case: 'a path that symlinks lead to in steps',
    layers: [layer().symlink('l', 'd'.repeat(60)).symlink('l/m', 'e'.repeat(70)).file('l/m/f', 'one')],
    limit: 'pathBytes',
    most: 120,
    names: /symbolic links lead to a path of 131 bytes/,
  },
  {
    case: 'the depth of a path',
    layers: [layer().file('a/b/c/d')],
    limit: 'pathDepth',
    most: 3,
    names: /"a\/b\/c\/d" is too many/,
  },
  {
    case: 'the depth that symlinks lead to',
    layers: [layer().symlink('l', 'a/b/c/d/e/f').file('l/g')],
    limit: 'pathDepth',
    most: 5,
    names: /lead 6 directories deep/,
  },
  {
    case: 'symlinks in a row',
    layers: [layer().symlink('l1', 'l2').symlink('l2', 'l3').symlink('l3', 'd').file('l1/x')],
    limit: 'symlinkHops',
    most: 2,
    names: /at "l3"/,
    code: 'SYMLINK_LOOP',
  },
  {
    case: 'PAX records',
    layers: [layer().file('a', '', { pax: { comment: 'x'.repeat(5000) } })],
    limit: 'headerBytes',
    most: 4096,
    names: /extended header at byte 0 has 50\d\d bytes/,
  },
  {
    case: 'a GNU long name',
    layers: [layer().file('x'.repeat(3000), '', { dialect: 'gnu' })],
    limit: 'headerBytes',
    most: 1024,
    names: /has 3001 bytes/,
  },
  {
    case: 'layers that lie uncompressed',
    layers: [file, file],
    limit: 'uncompressedBytes',
    most: 6000,
    names: /^layer 1: /,
  },
  {
    case: 'layers that are unpacked',
    layers: [layer().file('b'), gzipSync(file.tar())],
    limit: 'uncompressedBytes',
    most: 6000,
    names: /^layer 1: /,
  },
  {
    case: 'a tar that is larger than its layers',
    layers: [layer().file(`${'directory/'.repeat(100)}x`)],
    limit: 'uncompressedBytes',
    most: 10_000,
    names: /^the flattened tar has too many bytes/,
  },
  {
    case: 'a layer that grows and grows',
    layers: [zeros],
    limit: 'compressionRatio',
    most: 10,
    names: /^layer 0: its \d+ bytes of gzip unpack to more than 67108864/,
  },
];

function faultOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function codeOf(fault: unknown): string {
  return fault instanceof DimgxError ? fault.code : String(fault);
}

describe('past a limit', () => {
  test.each(rows)('$case: $limit', async ({ layers, limit, most, names, code = 'LIMIT_EXCEEDED' }) => {
    const fault = await faultOf(flatten(layers, { limits: { [limit]: most } }));
    expect(fault).toMatchObject({ code, message: expect.stringMatching(names) });
    expect(String(fault)).toMatch(`: the limit ${limit} is ${most}; --limits or DIMGX_LIMITS raises it`);
    // Not with the defaults; that compressed layers have another diff id than the fixture says is no matter here.
    expect(codeOf(await faultOf(flatten(layers)))).not.toBe(code);
  });

  test('each limit is in the table', () => {
    expect([...new Set(rows.map(({ limit }) => limit))].sort()).toEqual(limitNames.toSorted());
  });
});

describe('a choice of limits', () => {
  test('leaves the others at their defaults', () => {
    expect(limitsWith({ entries: 5, pathDepth: undefined })).toEqual({ ...defaultLimits, entries: 5 });
  });

  test.each([0, -1, 1.5, Number.NaN, limitBounds.pathDepth.most + 1])('is no %d', (pathDepth) => {
    expect(() => limitsWith({ pathDepth })).toThrow(
      `the limit pathDepth is a whole number from 1 to 4096, not ${pathDepth}`,
    );
  });

  test('of the deepest paths is within what the engine can do', async () => {
    const { outcome } = await flatten([layer().file(`${'d/'.repeat(4000)}f`, 'one')], {
      limits: { pathDepth: limitBounds.pathDepth.most, pathBytes: limitBounds.pathBytes.most },
    });
    expect(outcome.entries).toMatchObject({ files: 1, directories: 4000 });
  });
});
