import type { FlattenReport } from '@dimgx/core';
import { oneLine } from '../error-line.ts';
import { formatBytes, formatCount, formatDuration } from '../quantity.ts';
import type { Verdict } from './verify-artifact.ts';

export interface DemoOutcome {
  readonly report: FlattenReport;
  /** Where the artifact lies now. */
  readonly file: string;
  readonly verdict: Verdict;
  /** Whether it was known what the tree must be. */
  readonly treeKnown: boolean;
}

/** What the demo prints at its end. */
export function demoSummary({ report, file, verdict, treeKnown }: DemoOutcome): string {
  const { image, artifact, entries, durationMs } = report;
  const level = artifact.level === null ? '' : ` level ${artifact.level}`;
  const rate = formatBytes((artifact.uncompressedSize / Math.max(durationMs, 1)) * 1000);
  const checked = treeKnown
    ? `size, digests and the tree of ${names(verdict)}`
    : `size and digests, ${names(verdict)}`;
  const rows: [string, string][] = [
    [
      'image',
      `${image.repoTags.join(', ') || image.reference} (${image.platform}, ${formatCount(report.layers.length, 'layer')})`,
    ],
    ['digest', image.digest],
    ['artifact', file],
    [
      'size',
      `${formatBytes(artifact.size)} ${artifact.compression}${level}, ${formatBytes(artifact.uncompressedSize)} uncompressed`,
    ],
    ['sha256', artifact.sha256],
    ['diff id', artifact.diffId],
    [
      'entries',
      [
        formatCount(entries.files, 'file'),
        formatCount(entries.directories, 'directory', 'directories'),
        formatCount(entries.symlinks, 'symlink'),
        formatCount(entries.hardlinks, 'hard link'),
        formatCount(entries.devices, 'device'),
      ].join(', '),
    ],
    [
      'of layers',
      `${formatCount(entries.removed, 'name')} removed, ${formatCount(entries.shadowed, 'name')} replaced`,
    ],
    ['flattened', `in ${formatDuration(durationMs)}, ${rate}/s`],
    ['verified', verdict.faults.length === 0 ? checked : `NO: ${verdict.faults.join('; ')}`],
    ...verdict.firstNames.map((name, at): [string, string] => [at === 0 ? 'tar -t' : '', name]),
    ['', '…'],
  ];
  return rows.map(([name, value]) => `${name.padEnd(10)} ${oneLine(value)}\n`).join('');
}

function names(verdict: Verdict): string {
  return formatCount(verdict.names, 'name');
}
