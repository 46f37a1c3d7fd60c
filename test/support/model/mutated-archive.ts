import { createHash } from 'node:crypto';
import { type ArchiveFiles, json } from '../images/archive-files.ts';
import type { Random } from './random.ts';

const values: readonly unknown[] = [
  ...[
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    '',
    'x',
    [],
    {},
    [[]],
    '../../../etc/passwd',
    '/etc/passwd',
    'a\nb',
  ],
  ...[
    '\u001b[31m\u009b',
    '\u0000',
    'n'.repeat(5000),
    'sha256:',
    `sha256:${'0'.repeat(64)}`,
    `sha256:${'F'.repeat(64)}`,
  ],
  ...['sha512:00', '__proto__', 'constructor', 'unknown/unknown', 'linux', { __proto__: null }, nested(200)],
  Array.from({ length: 300 }, () => 'x'),
];
const keys = [
  'manifests',
  'layers',
  'config',
  'parent',
  'id',
  '__proto__',
  'Layers',
  'RepoTags',
  'rootfs',
  'urls',
];

function nested(depth: number): unknown {
  let value: unknown = 0;
  for (let left = depth; left > 0; left--) value = [value];
  return value;
}

/**
 * The files of an archive with one of its JSON documents changed in one or two places. `consistent`: what is named by
 * its digest is named by its new one, wherever it is.
 */
export function mutatedArchive(files: ArchiveFiles, random: Random, consistent: boolean): ArchiveFiles {
  const mutated: ArchiveFiles = new Map(files);
  const documents = [...files].filter(([, content]) => Buffer.isBuffer(content) && content[0] === 0x7b);
  const lists = [...files].filter(
    ([, content]) => Buffer.isBuffer(content) && content.toString('latin1', 0, 2) === '[{',
  );
  const [name, content] = random.any([...documents, ...lists]) ?? [];
  if (name === undefined || !Buffer.isBuffer(content)) return mutated;
  let value: unknown = JSON.parse(content.toString());
  for (let left = 1 + random.below(2); left > 0; left--) value = changed(value, random);
  mutated.set(name, json(value));
  if (consistent) renameBlobs(mutated);
  return mutated;
}

function changed(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.15)) return random.any(values);
  if (Array.isArray(value)) return changedList(value, random);
  const entries = Object.entries(value);
  const at = random.below(entries.length);
  const [key, child] = entries[at] ?? ['x', 0];
  if (random.chance(0.1)) return Object.fromEntries(entries.toSpliced(at, 1));
  if (random.chance(0.1)) return { ...value, [random.any(keys) ?? 'x']: random.any(values) };
  return { ...value, [key]: changed(child, random) };
}

function changedList(list: readonly unknown[], random: Random): unknown[] {
  const at = random.below(list.length);
  if (list.length === 0) return [random.any(values)];
  if (random.chance(0.15)) return list.toSpliced(at, 1);
  if (random.chance(0.15)) return [...list, list[at]];
  return list.with(at, changed(list[at], random));
}

/** Blobs refer to blobs, so a new name makes others new; an image is a few such steps deep. */
function renameBlobs(files: ArchiveFiles): void {
  for (let round = 0; round < 6; round++) {
    for (const [name, content] of [...files]) {
      const [, hex = ''] = /([0-9a-f]{64})(?:\.json)?$/.exec(name) ?? [];
      if (hex === '' || !Buffer.isBuffer(content) || content.length === 0) continue;
      const actual = createHash('sha256').update(content).digest('hex');
      if (actual !== hex) renameEverywhere(files, hex, actual);
    }
  }
}

function renameEverywhere(files: ArchiveFiles, from: string, to: string): void {
  for (const [name, content] of [...files]) {
    const text = Buffer.isBuffer(content) ? content.toString('latin1') : '';
    files.delete(name);
    files.set(
      name.replace(from, to),
      text.includes(from) ? Buffer.from(text.replaceAll(from, to), 'latin1') : content,
    );
  }
}
