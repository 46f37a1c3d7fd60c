import { type LayerEntry, type ModelImage, tarOf } from '../../../../test/support/model/layer-entry.ts';
import { randomImage } from '../../../../test/support/model/random-image.ts';
import { cleaned, ReferenceTree, RuleFault } from '../../../../test/support/model/reference-tree.ts';
import { forSeeds } from '../../../../test/support/model/seeds.ts';
import { described, shrunk } from '../../../../test/support/model/shrink.ts';
import { compareTrees } from '../../../../test/support/tree/compare-trees.ts';
import { treeOfTar } from '../../../../test/support/tree/tar-tree.ts';
import type { Node, Tree } from '../../../../test/support/tree/tree.ts';
import { DimgxError } from '../../src/errors.ts';
import { flatten } from './flattened.ts';

forSeeds('random layers give the tree that the rules say, in one sound tar', 15, async (seed) => {
  const image = randomImage(seed, { faults: 0.02, reorder: true });
  await expectNoFaults(image, (smaller) => faultsOf(smaller, seed % 4 === 0));
});

forSeeds('a diff layer of random layers does to any tree what they do', 4, async (seed) => {
  const below = randomImage(seed, { faults: 0, reorder: false, refuses: leadsElsewhere });
  const layers = randomImage(-seed, { faults: 0, reorder: false, refuses: dependsOnWhatIsBelow });
  await expectNoFaults([...below, ...layers], (image) =>
    faultsOfDiff(image.slice(0, below.length), image.slice(below.length)),
  );
});

/** Shrinks an image that has faults, and tells of it. */
async function expectNoFaults(image: ModelImage, faultsOf: (image: ModelImage) => Promise<string[]>) {
  if ((await faultsOf(image)).length === 0) return;
  const smallest = await shrunk(image, async (smaller) => (await faultsOf(smaller)).length > 0);
  const faults = await faultsOf(smallest);
  throw new Error(`engine | rules:\n${faults.join('\n')}\nin\n${described(smallest)}`);
}

async function faultsOf(image: ModelImage, again: boolean): Promise<string[]> {
  const expected = outcomeByTheRules(image);
  const actual = await flatten(image.map(tarOf)).catch((error: unknown) => codeOf(error));
  if (typeof actual === 'string' || typeof expected === 'string') {
    const [ours, theirs] = [actual, expected].map((each) => (typeof each === 'string' ? each : 'a tree'));
    return ours === theirs ? [] : [`${ours} | ${theirs}`];
  }
  const { tar } = actual;
  const tree = await treeOfTar(tar);
  return [
    ...tree.problems,
    ...compareTrees(tree, expected),
    ...(endsProperly(tar) ? [] : ['it does not end as a tar ends']),
    // There is nothing left to do, so every block is passed on.
    ...(again && !(await flatten([tar])).tar.equals(tar) ? ['flattened once more it is other bytes'] : []),
  ];
}

async function faultsOfDiff(below: ModelImage, layers: ModelImage): Promise<string[]> {
  const expected = outcomeByTheRules([...below, ...layers]);
  if (typeof expected === 'string') return [];
  const diff = await flatten(layers.map(tarOf), { keepWhiteouts: true }).catch((error: unknown) =>
    codeOf(error),
  );
  if (typeof diff === 'string') return outcomeByTheRules(layers) === diff ? [] : [diff];
  const tree = await treeOfTar((await flatten([...below.map(tarOf), diff.tar])).tar);
  const alone = outcomeByTheRules(layers);
  if (typeof alone === 'string') return [`a tree | ${alone}`];
  // A layer can't say of a directory that it shall be there, whatever it is, when nothing is left in it.
  const implied = alone.paths().filter((path) => isImplied(alone.get(path)));
  for (const path of implied.reverse()) {
    if (tree.get(path)?.type === 'directory' || hasChildren(expected, path)) continue;
    expected.remove(path);
    tree.remove(path);
  }
  return compareTrees(tree, expected);
}

function hasChildren(tree: Tree, path: string): boolean {
  return tree.paths().some((other) => other.startsWith(`${path}/`));
}

function isImplied(node: Node | undefined): boolean {
  return node?.type === 'directory' && node.mode === 0o755 && node.mtime === 0n;
}

function leadsElsewhere({ type }: LayerEntry): boolean {
  return type === '2';
}

/** Such layers say something that can't be told without what is below them. */
function dependsOnWhatIsBelow({ type, link = '' }: LayerEntry, before: ReferenceTree): boolean {
  if (type === '2') return link.includes('..');
  return type === '1' && !before.paths().has(cleaned(link).join('/'));
}

function outcomeByTheRules(image: ModelImage): Tree | string {
  const reference = new ReferenceTree();
  try {
    for (const { entries } of image) reference.applyLayer(entries);
    return reference.tree();
  } catch (error) {
    if (error instanceof RuleFault) return error.code;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof DimgxError ? error.code : `uncoded: ${error}`;
}

function endsProperly(tar: Buffer): boolean {
  return tar.length % 512 === 0 && tar.subarray(-1024).every((byte) => byte === 0);
}
