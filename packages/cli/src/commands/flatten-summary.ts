import type { FlattenReport } from '@dimgx/core';
import { oneLine } from '../error-line.ts';
import { formatBytes, formatCount, formatDuration } from '../quantity.ts';

/** What `dimgx flatten` says of its work without `--json`: what and where, then the digests, a line each. */
export function flattenSummary({ image, layers, artifact, entries, durationMs }: FlattenReport): string {
  const { files, directories, symlinks, hardlinks, devices } = entries;
  const names = files + directories + symlinks + hardlinks + devices;
  const compressed =
    artifact.compression === 'none' ? '' : ` as ${formatBytes(artifact.size)} of ${artifact.compression}`;
  const from = image.reference === '-' ? 'the image on stdin' : oneLine(image.reference);
  const to = artifact.key === '-' ? 'on stdout' : oneLine(artifact.key);
  const what = `${from} (${formatCount(layers.length, 'layer')}) is ${to}`;
  const size = `${formatBytes(artifact.uncompressedSize)}${compressed}, ${formatCount(names, 'entry', 'entries')}`;
  return [
    `${what}: ${size}, in ${formatDuration(durationMs)}`,
    `sha256  ${artifact.sha256}`,
    `diff id ${artifact.diffId}`,
    '',
  ].join('\n');
}
