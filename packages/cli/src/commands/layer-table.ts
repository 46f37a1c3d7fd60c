import type { HistoryReport, LayerReport } from '@dimgx/core';
import { oneLine } from '../error-line.ts';
import { plainTime } from '../plain-table.ts';
import { formatBytes } from '../quantity.ts';

/** A layer, or a step of the history that made none. */
type Row = { readonly layer: LayerReport } | { readonly step: HistoryReport };

interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** In characters; a column with it gives way where the terminal is too narrow for all. */
  readonly least?: number;
  layer(layer: LayerReport): string;
  step?(step: HistoryReport): string;
}

const none = '-';
const cut = '…';
const gap = '  ';
const mostPadded = 200;
const shortDigits = 12;

const created = ({ created: time }: LayerReport | HistoryReport) => plainTime(time);
const createdBy = ({ createdBy: command, comment }: LayerReport | HistoryReport) =>
  command ?? comment ?? none;
const count = (title: string, of: (usage: NonNullable<LayerReport['usage']>) => number): Column => ({
  ...{ title, align: 'right' },
  layer: ({ usage }) => (usage === undefined ? none : of(usage).toLocaleString('en-US')),
});

const chain: readonly Column[] = [
  { title: 'TAG', align: 'left', least: 12, layer: ({ tags }) => tags.join(', ') || none },
  { title: 'ID', align: 'left', layer: ({ shortId }) => shortId },
  { title: 'PARENT', align: 'left', layer: ({ parent }) => parent?.slice(0, shortDigits) ?? none },
  { title: 'CREATED', align: 'left', layer: created, step: created },
  { title: 'SIZE', align: 'right', layer: ({ size }) => formatBytes(size) },
  { title: 'TOTAL', align: 'right', layer: ({ totalSize }) => formatBytes(totalSize) },
];
const usage: readonly Column[] = [
  count('ADDED', ({ added }) => added),
  count('CHANGED', ({ changed }) => changed),
  count('REMOVED', ({ removed }) => removed),
  {
    ...{ title: 'WASTED', align: 'right' },
    layer: ({ usage: told }) => (told === undefined ? none : formatBytes(told.wastedBytes)),
  },
];
const command: Column = {
  ...{ title: 'CREATED BY', align: 'left', least: 20 },
  ...{ layer: createdBy, step: createdBy },
};

/**
 * A line for each layer below a line of titles, in the order given; where each layer has its step in the history, which
 * goes in the same order, a line also for each step that made no layer. Fitted into `width` characters, if it is given.
 */
export function layerTable(
  layers: readonly LayerReport[],
  history: readonly HistoryReport[],
  width: number | undefined,
): string {
  const columns = [...chain, ...(layers.some((layer) => layer.usage) ? usage : []), command];
  const rows = [
    columns.map(({ title }) => title),
    ...rowsOf(layers, history).map((row) => columns.map((column) => oneLine(textOf(column, row)))),
  ];
  const widths = fitted(
    columns,
    columns.map((_, at) => widestOf(rows, at)),
    width,
  );
  const lines = rows.map((row) => {
    const cells = row.map((text, at) => {
      // Nothing stands behind the last.
      if (at === row.length - 1) return text;
      return padded(width === undefined ? text : shortened(text, widths[at]), widths[at], columns[at].align);
    });
    return shortened(cells.join(gap).trimEnd(), width);
  });
  return `${lines.join('\n')}\n`;
}

/** Of a column, up to a bound: images choose their texts, and one that is longer is no reason to pad all others. */
function widestOf(rows: readonly (readonly string[])[], at: number): number {
  return rows.reduce((widest, row) => Math.max(widest, Math.min(lengthOf(row[at]), mostPadded)), 0);
}

function rowsOf(layers: readonly LayerReport[], history: readonly HistoryReport[]): Row[] {
  const steps = history.filter(({ layer }) => layer !== undefined);
  if (steps.length !== layers.length) return layers.map((layer) => ({ layer }));
  const waiting = layers.values();
  return history.map((step) => {
    const layer = step.layer === undefined ? undefined : waiting.next().value;
    return layer === undefined ? { step } : { layer };
  });
}

function textOf(column: Column, row: Row): string {
  return 'layer' in row ? column.layer(row.layer) : (column.step?.(row.step) ?? none);
}

/** Takes from the last column that can give way first. */
function fitted(columns: readonly Column[], widths: readonly number[], width = Infinity): number[] {
  const total = widths.reduce((sum, each) => sum + each) + gap.length * (widths.length - 1);
  let excess = Math.max(0, total - width);
  return columns
    .map(({ least }, at) => ({ least, wanted: widths[at] }))
    .reverse()
    .map(({ least = Infinity, wanted }) => {
      const given = Math.min(excess, Math.max(0, wanted - least));
      excess -= given;
      return wanted - given;
    })
    .reverse();
}

function padded(text: string, width: number, align: Column['align']): string {
  const padding = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return align === 'right' ? padding + text : text + padding;
}

function shortened(text: string, width = Infinity): string {
  if (lengthOf(text) <= width) return text;
  return (
    Array.from(text)
      .slice(0, width - 1)
      .join('')
      .trimEnd() + cut
  );
}

/** In characters, of which some are two units of the text. */
function lengthOf(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff]/g)?.length ?? 0);
}
