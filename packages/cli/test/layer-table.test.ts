import type { HistoryReport, LayerReport } from '@dimgx/core';
import { expect, test } from 'vitest';
import { layerTable } from '../src/commands/layer-table.ts';

const oldest: LayerReport = {
  index: 0,
  id: 'a'.repeat(64),
  shortId: 'a'.repeat(12),
  parent: null,
  children: ['b'.repeat(64)],
  tags: [],
  size: 1_500_000,
  sizeBelow: 0,
  totalSize: 1_500_000,
  diffId: `sha256:${'d'.repeat(64)}`,
  chainId: `sha256:${'c'.repeat(64)}`,
};

const newest: LayerReport = {
  ...oldest,
  index: 1,
  id: 'b'.repeat(64),
  shortId: 'b'.repeat(12),
  parent: oldest.id,
  children: [],
  tags: ['app:1', 'app:latest'],
  created: '2024-05-06T07:08:09.123Z',
  createdBy: 'RUN one\n\u001b[2Jtwo',
  size: 10,
  sizeBelow: 1_500_000,
  totalSize: 1_500_010,
};

const lines = (...args: Parameters<typeof layerTable>) => layerTable(...args).split('\n');

test('a line a layer, in columns, and nothing in it that a terminal obeys', () => {
  expect(lines([newest, oldest], [], undefined)).toEqual([
    'TAG                ID            PARENT        CREATED                  SIZE    TOTAL  CREATED BY',
    'app:1, app:latest  bbbbbbbbbbbb  aaaaaaaaaaaa  2024-05-06 07:08:09Z     10 B  1.50 MB  RUN one \\x1b[2Jtwo',
    '-                  aaaaaaaaaaaa  -             -                     1.50 MB  1.50 MB  -',
    '',
  ]);
});

const step = (createdBy: string, layer?: number): HistoryReport => ({
  ...{ createdBy, created: '2024-01-02T03:04:05Z', emptyLayer: layer === undefined },
  ...(layer === undefined ? {} : { layer }),
});

test('steps that made no layer stand between the layers, without an id', () => {
  const history = [step('CMD sh'), step('RUN one', 1), step('ENV A=b'), step('ADD', 0), step('FROM scratch')];
  const shown = lines([newest, oldest], history, undefined);
  expect(shown.slice(1, -1).map((line) => line.split(/ {2,}/))).toEqual([
    ['-', '-', '-', '2024-01-02 03:04:05Z', '-', '-', 'CMD sh'],
    expect.arrayContaining(['bbbbbbbbbbbb']),
    ['-', '-', '-', '2024-01-02 03:04:05Z', '-', '-', 'ENV A=b'],
    expect.arrayContaining(['aaaaaaaaaaaa']),
    ['-', '-', '-', '2024-01-02 03:04:05Z', '-', '-', 'FROM scratch'],
  ]);
});

test('steps of a history that tells of other layers have no place', () => {
  expect(lines([newest, oldest], [step('CMD sh'), step('ADD', 0)], undefined)).toHaveLength(4);
});

test('a layer without a command is told by its comment', () => {
  expect(lines([{ ...oldest, comment: 'imported' }], [], undefined)[1]).toMatch(/ imported$/);
});

test('layers that were read have more columns', () => {
  const read = {
    ...newest,
    usage: { added: 1234, changed: 5, removed: 6, wastedBytes: 7_000_000 },
  };
  const [titles, line] = lines([read], [step('CMD sh'), step('RUN', 1)], undefined);
  expect(titles).toMatch(/ TOTAL {2}ADDED {2}CHANGED {2}REMOVED {2} WASTED {2}CREATED BY$/);
  expect(line).toMatch(/ - +- +- +- +CMD sh$/);
  expect(lines([read], [], undefined)[1]).toMatch(/ 1,234 +5 +6 +7\.00 MB {2}RUN one/);
});

const wide = { ...newest, createdBy: `RUN ${'x'.repeat(30)}` };

test.each([
  [
    'the command gives way first',
    108,
    [
      'TAG                ID            PARENT        CREATED                  SIZE    TOTAL  CREATED BY',
      `app:1, app:latest  bbbbbbbbbbbb  aaaaaaaaaaaa  2024-05-06 07:08:09Z     10 B  1.50 MB  RUN ${'x'.repeat(16)}…`,
      '-                  aaaaaaaaaaaa  -             -                     1.50 MB  1.50 MB  -',
    ],
  ],
  [
    'then the tags',
    106,
    [
      'TAG               ID            PARENT        CREATED                  SIZE    TOTAL  CREATED BY',
      `app:1, app:late…  bbbbbbbbbbbb  aaaaaaaaaaaa  2024-05-06 07:08:09Z     10 B  1.50 MB  RUN ${'x'.repeat(15)}…`,
      '-                 aaaaaaaaaaaa  -             -                     1.50 MB  1.50 MB  -',
    ],
  ],
  [
    'then lines are cut',
    40,
    [
      'TAG           ID            PARENT…',
      'app:1, app:…  bbbbbbbbbbbb  aaaaaaaaaaa…',
      '-             aaaaaaaaaaaa  -…',
    ],
  ],
])('%s where the terminal is narrow', (_, width, expected) => {
  const shown = layerTable([wide, oldest], [], width).trimEnd().split('\n');
  expect(shown).toEqual(expected);
  for (const line of shown) expect(line.length).toBeLessThanOrEqual(width);
});

test('a character that is two units is one', () => {
  const tagged = { ...oldest, tags: ['💿'.repeat(20)] };
  const [, line] = lines([tagged], [], 80);
  expect(line).toMatch(/^💿{18}… {2}aaaaaaaaaaaa/u);
});

test('a text of megabytes costs what it is long, however many lines there are', () => {
  const history = Array.from({ length: 20_000 }, () => step('x'));
  const long = { ...oldest, tags: ['t'.repeat(1_000_000)], createdBy: 'c'.repeat(1_000_000) };
  const table = layerTable([long], [...history, step('ADD', 0)], undefined);
  expect(table.length).toBeLessThan(10_000_000);
  expect(table).toMatch(/\nt{1000000} {2}a{12} .* {2}c{1000000}\n$/);
});

test('no layers are a table without lines', () => {
  expect(layerTable([], [], undefined)).toBe('TAG  ID  PARENT  CREATED  SIZE  TOTAL  CREATED BY\n');
});
