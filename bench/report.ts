import { type Bound, type ContestResult, isKept, median, type Run, type Runs, ratios } from './contest.ts';

const MB = 1e6;
const compared = ['wallSeconds', 'cpuSeconds', 'outputBytes'] as const;
const heads = [
  '',
  'wall s',
  'CPU s',
  'cores',
  'peak MB',
  'output MB',
  'wall ×',
  'CPU ×',
  'size ×',
  'to reach',
];

/** A table a work: medians, and the medians of each round's ratio to the floor with their spread. */
export function contestTable(result: ContestResult): string {
  const { floor, ours, peers, bounds, missing } = result;
  const goals = bounds.map((bound) => `${goal(bound)}: ${isKept(ours, floor, bound) ? 'yes' : 'NO'}`);
  const rows = [
    [...figures(floor), '1', '1', '', ''],
    [...figures(ours), ...against(ours, floor), goals.join(', ')],
    ...peers.map((peer) => [...figures(peer), ...against(peer, floor), '']),
  ];
  const lines = [result.work, ...aligned([heads, ...rows])];
  if (missing.length > 0) lines.push(`not here: ${missing.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

function figures({ name, all }: Runs): string[] {
  return [
    name,
    middle(all, 'wallSeconds', 1, 2),
    middle(all, 'cpuSeconds', 1, 2),
    median(all.map(({ cpuSeconds, wallSeconds }) => cpuSeconds / wallSeconds)).toFixed(2),
    middle(all, 'peakBytes', MB, 0),
    middle(all, 'outputBytes', MB, 1),
  ];
}

function middle(all: readonly Run[], of: keyof Run, unit: number, digits: number): string {
  const values = all.flatMap((run) => run[of] ?? []);
  return values.length === 0 ? '' : (median(values) / unit).toFixed(digits);
}

function against(runs: Runs, floor: Runs): string[] {
  return compared.map((of) => {
    const all = ratios(runs, floor, of);
    if (all.length === 0) return '';
    // Sizes do not change from round to round.
    if (of === 'outputBytes') return median(all).toFixed(3);
    return `${median(all).toFixed(2)} [${Math.min(...all).toFixed(2)}..${Math.max(...all).toFixed(2)}]`;
  });
}

function goal(bound: Bound): string {
  switch (bound.of) {
    case 'peakBytes':
      return `peak ≤ ${bound.atMost / MB} MB`;
    case 'outputBytes':
      return `size ≤ ${bound.times} ×`;
    case 'wallSeconds':
      return `wall ≤ ${bound.times} ×`;
    case 'cpuSeconds':
      return `CPU ≤ ${bound.times} ×`;
  }
}

/** Columns of one width; names to the left, figures to the right. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}
