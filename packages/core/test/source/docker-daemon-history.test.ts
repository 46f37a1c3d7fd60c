import { expect, test } from 'vitest';
import { chainIds, type DiffId } from '../../src/image/digest.ts';
import { type EngineHistoryLine, engineHistory } from '../../src/source/docker-daemon-history.ts';

const hex = (start: string) => start.padEnd(64, '0');
const diffIds = (count: number) =>
  Array.from({ length: count }, (_, index) => `sha256:${hex(String(index))}` as DiffId);

interface Line {
  readonly by: string;
  readonly size?: number;
  readonly id?: string;
  readonly tags?: readonly string[];
}

/** Written oldest first, told newest first, as engines do. */
function historyOf(lines: readonly Line[], layers: number) {
  const told = lines.map(
    ({ by, size = 0, id, tags = null }, index): EngineHistoryLine => ({
      ...{ Id: id === undefined ? '<missing>' : `sha256:${hex(id)}`, Created: 1_577_836_800 + index },
      ...{ CreatedBy: by, Comment: '', Tags: tags, Size: size },
    }),
  );
  return engineHistory(told.reverse(), diffIds(layers));
}

const nop = (text: string) => `/bin/sh -c #(nop)  ${text}`;

test.each<[string, Line[], number, string[]]>([
  [
    'lines with a size',
    [{ by: nop('ADD file:1 in /'), size: 100 }, { by: nop('CMD ["sh"]') }, { by: 'RUN x', size: 5 }],
    2,
    [nop('ADD file:1 in /'), 'RUN x'],
  ],
  [
    'a command that wrote nothing, not the metadata',
    [{ by: 'ADD', size: 100 }, { by: 'ENV A=b' }, { by: 'RUN true' }, { by: nop('LABEL a=b') }],
    2,
    ['ADD', 'RUN true'],
  ],
  ['an import without a command', [{ by: '' }], 1, ['']],
  [
    'WORKDIR after commands',
    [{ by: 'COPY a b', size: 1 }, { by: 'WORKDIR /x' }, { by: 'RUN true' }, { by: 'USER me' }],
    2,
    ['COPY a b', 'RUN true'],
  ],
  [
    'WORKDIR where something must have made a layer',
    [{ by: 'COPY a b', size: 1 }, { by: 'WORKDIR /x' }, { by: 'USER me' }],
    2,
    ['COPY a b', 'WORKDIR /x'],
  ],
  ['none, for an image without layers', [{ by: 'CMD x' }], 0, []],
])('%s made the layers', (_, lines, layers, making) => {
  const { history } = historyOf(lines, layers);
  expect(history.map(({ createdBy }) => createdBy ?? '')).toEqual(lines.map(({ by }) => by));
  expect(history.filter(({ emptyLayer }) => !emptyLayer).map(({ createdBy }) => createdBy ?? '')).toEqual(
    making,
  );
});

test('layers have the sizes and times of their lines', () => {
  const { sizes, history } = historyOf(
    [{ by: 'ADD', size: 100 }, { by: 'ENV A=b' }, { by: 'RUN', size: 5 }],
    2,
  );
  expect(sizes).toEqual([100, 5]);
  expect(history[2].created).toBe('2020-01-01T00:00:02.000Z');
});

test.each<[string, Line[], number]>([
  ['fewer lines than layers', [{ by: 'ADD', size: 1 }], 2],
  [
    'more sizes than layers',
    [
      { by: 'ADD', size: 1 },
      { by: 'RUN', size: 2 },
    ],
    1,
  ],
])('%s leave sizes untold', (_, lines, layers) => {
  const { sizes, stacks } = historyOf(lines, layers);
  expect(sizes).toEqual(diffIds(layers).map(() => 0));
  expect(stacks.size).toBe(0);
});

test('ids and tags of lines without a layer name the stack below them', () => {
  const lines = [
    { by: 'ADD', size: 1, id: 'a0' },
    { by: 'CMD a', id: 'a1', tags: ['base:1'] },
    { by: 'ENV', id: 'a2' },
    { by: 'RUN', size: 2, id: 'b0', tags: ['mid:1'] },
    { by: 'ENV', id: 'b1', tags: ['mid:2'] },
    { by: 'RUN', size: 3, id: 'c0' },
    { by: 'ENV', id: 'c1' },
    { by: 'RUN', size: 4 },
  ];
  const { stacks } = historyOf(lines, 4);
  expect(chainIds(diffIds(4)).map((chainId) => stacks.get(chainId))).toEqual([
    { id: hex('a1'), tags: ['base:1'], ids: ['a0', 'a1', 'a2'].map(hex) },
    { id: hex('b1'), tags: ['mid:1', 'mid:2'], ids: ['b0', 'b1'].map(hex) },
    { id: hex('c1'), tags: [], ids: ['c0', 'c1'].map(hex) },
    { tags: [], ids: [] },
  ]);
});
