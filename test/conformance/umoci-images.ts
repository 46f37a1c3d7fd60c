import type { LayerEntry, ModelImage } from '../support/model/layer-entry.ts';
import { randomImage } from '../support/model/random-image.ts';
import { cleaned, type ReferenceTree } from '../support/model/reference-tree.ts';

/**
 * Many random images in one, each in a folder that is its seed, since what unpacking one costs is mostly the start of
 * the program. They are of entries for which umoci has no rule of its own.
 */
export function combinedImage(seeds: readonly number[]): ModelImage {
  const images = seeds.map((seed) =>
    inFolder(String(seed), randomImage(seed, { faults: 0, reorder: false, refuses })),
  );
  const depth = Math.max(...images.map((image) => image.length));
  return Array.from({ length: depth }, (_, index) => ({
    entries: images.flatMap((image) => image[index]?.entries ?? []),
    endBlocks: 2,
    // umoci takes a global header for an entry of an unknown type.
    globalHeaders: false,
  }));
}

function inFolder(folder: string, image: ModelImage): ModelImage {
  return image.map((layer) => ({
    ...layer,
    entries: layer.entries.map((entry) => ({
      ...entry,
      name: `${folder}/${entry.name}`,
      ...(entry.link === undefined ? {} : { link: linkInFolder(folder, entry, entry.link) }),
    })),
  }));
}

/** A symlink's relative target stays as it is. */
function linkInFolder(folder: string, { type }: LayerEntry, link: string): string {
  if (type === '1') return `${folder}/${link}`;
  return link.startsWith('/') ? `/${folder}${link}` : link;
}

/** What umoci refuses or does in another way, by what it is about. */
function refuses(entry: LayerEntry, before: ReferenceTree): boolean {
  const { name, type, mode, sparse, xattrs = {} } = entry;
  const components = cleaned(name);
  return (
    // Contiguous files and GNU's old sparse ones are of types that it does not know.
    type === '7' ||
    sparse?.form === 'gnu-old' ||
    // Go's tar reader drops an extended attribute that is empty.
    Object.values(xattrs).includes('') ||
    // The kernel gives the group and this bit to what is made in such a directory.
    (type === '5' && (mode & 0o2000) !== 0) ||
    // The folders of the images are no roots.
    climbsOut(name) ||
    (type === '2' && !isSymlinkOf(entry, before)) ||
    // It makes no directory of a file, nor of a loop.
    before.way(name) === 'nowhere' ||
    // It keeps AUFS's metadata, and what stands below a directory of a whiteout's name.
    components.slice(0, -1).some((component) => component.startsWith('.wh.')) ||
    (type === '1' && !isWhiteout(components) && !isLinkOf(entry, before))
  );
}

/** It takes away what a link replaces before it looks for the target. */
function isLinkOf({ name, link = '' }: LayerEntry, before: ReferenceTree): boolean {
  const [path, target] = [cleaned(name).join('/'), cleaned(link).join('/')];
  const there = before.paths();
  if (climbsOut(link) || before.way(name) !== 'directories' || before.way(link) !== 'directories')
    return false;
  return there.has(target) && there.get(target) !== there.get(path) && !target.startsWith(`${path}/`);
}

/** No system has a symlink to nothing, and those that climb are clamped at another root here. */
function isSymlinkOf({ name, link = '' }: LayerEntry, before: ReferenceTree): boolean {
  if (link === '') return false;
  const climbs = link.split('/').filter((component) => component === '..').length;
  return climbs === 0 || (before.way(name) === 'directories' && climbs < cleaned(name).length);
}

function isWhiteout(components: readonly string[]): boolean {
  return components.at(-1)?.startsWith('.wh.') === true;
}

function climbsOut(name: string): boolean {
  let depth = 0;
  return name.split('/').some((component) => {
    if (component === '..') depth--;
    else if (component !== '' && component !== '.') depth++;
    return depth < 0;
  });
}
