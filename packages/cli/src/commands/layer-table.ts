import type { LayerReport } from '@dimgx/core';
import { oneLine } from '../error-line.ts';
import { formatBytes } from '../quantity.ts';

type Align = 'left' | 'right';

interface Column {
  readonly title: string;
  readonly align: Align;
  text(layer: LayerReport): string;
}

const none = '-';
const shortDigits = 12;

const columns: readonly Column[] = [
  { title: 'TAG', align: 'left', text: ({ tags }) => tags.join(', ') || none },
  { title: 'ID', align: 'left', text: ({ shortId }) => shortId },
  { title: 'PARENT', align: 'left', text: ({ parent }) => parent?.slice(0, shortDigits) ?? none },
  { title: 'CREATED', align: 'left', text: ({ created }) => created?.slice(0, 19).replace('T', ' ') ?? none },
  { title: 'SIZE', align: 'right', text: ({ size }) => formatBytes(size) },
  { title: 'BELOW', align: 'right', text: ({ sizeBelow }) => formatBytes(sizeBelow) },
  { title: 'TOTAL', align: 'right', text: ({ totalSize }) => formatBytes(totalSize) },
  { title: 'CREATED BY', align: 'left', text: ({ createdBy }) => createdBy ?? none },
];

/** One line a layer below a line of titles; cut at `width`, where there is one. */
export function layerTable(layers: readonly LayerReport[], width: number | undefined): string {
  const rows = [
    columns.map(({ title }) => title),
    ...layers.map((layer) => columns.map(({ text }) => oneLine(text(layer)))),
  ];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => padded(cell, widths[at] ?? 0, columns[at]?.align))
      .join('  ')
      .slice(0, width)
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

function padded(cell: string, width: number, align: Align | undefined): string {
  return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
}
