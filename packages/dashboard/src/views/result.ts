import type { FlattenReport, Job } from '@dimgx/client';
import { element, facts } from '../elements.ts';
import { bytesText, countText, durationText } from '../quantities.ts';

/** What a completed job found or made; nothing for another. */
export function resultOf(job: Job): Node[] {
  if (job.state !== 'completed') return [];
  if (job.kind === 'inspect')
    return [element('h2', {}, 'Report'), element('pre', {}, JSON.stringify(job.result, null, 2))];
  const command = element('pre', {}, `dimgx download ${job.id}`);
  return [element('h2', {}, 'Artifact'), artifactFacts(job.result), command];
}

/** An artifact, and the image it was made of. */
export function artifactFacts({
  image,
  layers,
  artifact,
  entries,
  durationMs,
  cached,
}: FlattenReport): HTMLElement {
  const level = artifact.level === null ? '' : ` level ${artifact.level}`;
  const { files, directories, symlinks, hardlinks, devices } = entries;
  return facts([
    ['Key', element('code', {}, artifact.key)],
    ['Size', `${bytesText(artifact.size)}, ${artifact.compression}${level}`],
    ['Uncompressed', bytesText(artifact.uncompressedSize)],
    ['SHA-256', element('code', {}, artifact.sha256)],
    ['Diff id', element('code', {}, artifact.diffId)],
    [
      'Entries',
      [
        countText(files, 'file'),
        countText(directories, 'directory', 'directories'),
        countText(symlinks, 'symlink'),
        countText(hardlinks, 'hard link'),
        countText(devices, 'device'),
      ].join(', '),
    ],
    [
      'Of layers',
      `${countText(entries.removed, 'name')} removed, ${entries.shadowed.toLocaleString()} replaced`,
    ],
    ['Image', `${image.platform}, ${countText(layers.length, 'layer')}`],
    ['Digest', element('code', {}, image.digest)],
    ['Tags', image.repoTags.join(', ')],
    ['Flattened', cached ? 'before: it was found in the store' : `in ${durationText(durationMs)}`],
  ]);
}
