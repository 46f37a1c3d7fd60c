import { expect } from 'vitest';
import { type LayerEntry, type ModelLayer, tarOf } from '../../../../test/support/model/layer-entry.ts';
import { randomImage } from '../../../../test/support/model/random-image.ts';
import { ReferenceTree } from '../../../../test/support/model/reference-tree.ts';
import { forSeeds } from '../../../../test/support/model/seeds.ts';
import type { Node } from '../../../../test/support/tree/tree.ts';
import { measured } from './measured.ts';

/** The root is always there. */
function pathsOf(tree: ReferenceTree): Map<string, Node> {
  const paths = tree.paths();
  paths.delete('');
  return paths;
}

/** Its bytes are no plain sum. */
function isOddlySized({ name, sparse }: LayerEntry): boolean {
  return sparse !== undefined || name.includes('.wh..wh.');
}

/** Bytes that the entries bring; what a symlink leads to below a whiteout's name is no part of the tree. */
function contentOf(layer: ModelLayer, before: ReferenceTree): number {
  const tree = before.clone();
  tree.begin();
  return layer.entries.reduce((sum, entry) => {
    const known = nodesOf(tree);
    tree.apply(entry);
    return sum + bytesOf([...nodesOf(tree)].filter((node) => !known.has(node)));
  }, 0);
}

/** Each once, whatever names it has. */
function nodesOf(tree: ReferenceTree): Set<Node> {
  return new Set(tree.paths().values());
}

function bytesOf(nodes: Iterable<Node>): number {
  return [...nodes].reduce((sum, { size = 0 }) => sum + size, 0);
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
  let brought = 0;
  for (const [index, layer] of image.entries()) {
    brought += contentOf(layer, tree);
    tree.applyLayer(layer.entries);
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
  expect(wasted).toBe(brought - bytesOf(nodesOf(tree)));
});
