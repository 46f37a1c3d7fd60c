import { expect } from 'vitest';
import { type LayerEntry, type ModelLayer, tarOf } from '../../../../test/support/model/layer-entry.ts';
import { randomImage } from '../../../../test/support/model/random-image.ts';
import { cleaned, ReferenceTree } from '../../../../test/support/model/reference-tree.ts';
import { forSeeds } from '../../../../test/support/model/seeds.ts';
import type { Node } from '../../../../test/support/tree/tree.ts';
import { measured } from './measured.ts';

/** The root is always there. */
function pathsOf(tree: ReferenceTree): Map<string, Node> {
  const paths = tree.paths();
  paths.delete('');
  return paths;
}

/** Its bytes, or those of what goes through it, are no plain sum. */
function isOddlySized({ name, link = '', sparse }: LayerEntry): boolean {
  return sparse !== undefined || name.includes('.wh..wh.') || link.includes('.wh.');
}

/** Bytes that the entries bring. */
function contentOf({ entries }: ModelLayer): number {
  const given = entries.filter(
    ({ name }) => !cleaned(name).some((component) => component.startsWith('.wh.')),
  );
  return given.reduce((sum, { content = '' }) => sum + content.length, 0);
}

/** Bytes of files, each counted once whatever names it has. */
function bytesIn(tree: ReferenceTree): number {
  return Array.from(new Set(tree.paths().values())).reduce((sum, { size = 0 }) => sum + size, 0);
}

forSeeds('random layers change what the rules say that they change', 3, async (seed) => {
  const image = randomImage(seed, { faults: 0, reorder: false, refuses: isOddlySized });
  const usage = await measured(
    image.map((layer) => {
      const tar = tarOf(layer);
      return { tar, blob: tar };
    }),
  );
  const tree = new ReferenceTree();
  let before = pathsOf(tree);
  for (const [index, { entries }] of image.entries()) {
    tree.applyLayer(entries);
    const after = pathsOf(tree);
    const kept = [...after].filter(([path]) => before.has(path));
    const { added, changed, removed } = usage[index];
    expect({ index, added, changed, removed }).toEqual({
      index,
      added: after.size - kept.length,
      changed: kept.filter(([path, node]) => before.get(path) !== node).length,
      removed: before.size - kept.length,
    });
    before = after;
  }
  const wasted = usage.reduce((sum, { wastedBytes }) => sum + wastedBytes, 0);
  expect(wasted).toBe(image.reduce((sum, layer) => sum + contentOf(layer), 0) - bytesIn(tree));
});
