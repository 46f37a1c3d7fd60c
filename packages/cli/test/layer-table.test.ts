import type { LayerReport } from '@dimgx/core';
import { expect, test } from 'vitest';
import { layerTable } from '../src/commands/layer-table.ts';

const oldest: LayerReport = {
  index: 0,
  id: 'a'.repeat(64),
  shortId: 'a'.repeat(12),
  parent: null,
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
  tags: ['app:1', 'app:latest'],
  created: '2024-05-06T07:08:09.123Z',
  createdBy: 'RUN one\n\u001b[2Jtwo',
  size: 10,
  sizeBelow: 1_500_000,
  totalSize: 1_500_010,
};

test('a line a layer, in columns, and nothing in it that a terminal obeys', () => {
  expect(layerTable([newest, oldest], undefined).split('\n')).toEqual([
    'TAG                ID            PARENT        CREATED                 SIZE    BELOW    TOTAL  CREATED BY',
    'app:1, app:latest  bbbbbbbbbbbb  aaaaaaaaaaaa  2024-05-06 07:08:09     10 B  1.50 MB  1.50 MB  RUN one \\x1b[2Jtwo',
    '-                  aaaaaaaaaaaa  -             -                    1.50 MB      0 B  1.50 MB  -',
    '',
  ]);
});

test('lines are cut where the terminal ends', () => {
  const lines = layerTable([newest, oldest], 40).trimEnd().split('\n');
  expect(lines).toEqual([
    'TAG                ID            PARENT',
    'app:1, app:latest  bbbbbbbbbbbb  aaaaaaa',
    '-                  aaaaaaaaaaaa  -',
  ]);
});

test('no layers are a table without lines', () => {
  expect(layerTable([], undefined)).toBe('TAG  ID  PARENT  CREATED  SIZE  BELOW  TOTAL  CREATED BY\n');
});
