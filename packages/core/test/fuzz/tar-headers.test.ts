import { tarOf } from '../../../../test/support/model/layer-entry.ts';
import { mutatedTar } from '../../../../test/support/model/mutated-tar.ts';
import { Random } from '../../../../test/support/model/random.ts';
import { randomImage } from '../../../../test/support/model/random-image.ts';
import { forSeeds } from '../../../../test/support/model/seeds.ts';
import { compareTrees } from '../../../../test/support/tree/compare-trees.ts';
import { treeOfTar } from '../../../../test/support/tree/tar-tree.ts';
import type { Tree } from '../../../../test/support/tree/tree.ts';
import { DimgxError, type ErrorCode } from '../../src/errors.ts';
import { flatten } from '../flatten/flattened.ts';

/** What may be said of a tar that is not as it should be. */
const codes: readonly ErrorCode[] = [
  ...(['LAYER_INVALID', 'LAYER_TRUNCATED', 'WHITEOUT_INVALID', 'HARDLINK_INVALID'] as const),
  ...(['SYMLINK_LOOP', 'LIMIT_EXCEEDED', 'COMPRESSION_INVALID'] as const),
];

forSeeds('mutated headers and PAX records are refused with a code, or make a sound tar', 6, async (seed) => {
  const random = new Random(seed);
  const image = randomImage(seed, { faults: 0, reorder: false });
  const layers = image.map((layer) => mutatedTar(tarOf(layer), random));
  const flat = await flatten(layers).catch((error: unknown) => error);
  if (flat instanceof DimgxError && codes.includes(flat.code)) return;
  if (flat instanceof Error) throw flat;
  const { tar } = flat as { tar: Buffer };
  const tree = await treeOfTar(tar).catch((error: unknown) => {
    if (error instanceof RangeError && error.message.startsWith('a hole')) return undefined;
    throw error;
  });
  if (tree === undefined) return;
  expectNone(tree.problems);
  if (!(await flatten([tar])).tar.equals(tar)) throw new Error('flattened once more it is other bytes');
  const [only] = layers;
  if (layers.length === 1 && only !== undefined) await expectAsAnotherReaderHasIt(only, tree);
});

function expectNone(faults: readonly string[]): void {
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/** Of a lone layer without oddities, another reader must see the same as is put out. */
async function expectAsAnotherReaderHasIt(layer: Buffer, flat: Tree): Promise<void> {
  if (hasStrayPrefix(layer)) return;
  const tree = await treeOfTar(layer).catch(() => undefined);
  if (tree === undefined) return;
  const oddities = tree.problems.filter((problem) => !/^(?:odd name|before its directory):/.test(problem));
  if (oddities.length > 0 || tree.paths().some((path) => /(?:^|\/)\.wh\./.test(path))) return;
  expectNone(compareTrees(flat, tree));
}

/** What Go once wrote into GNU headers, and the other reader takes for times, as GNU tar does. */
function hasStrayPrefix(layer: Buffer): boolean {
  const starts = Array.from({ length: Math.floor(layer.length / 512) }, (_, index) => index * 512);
  return starts.some(
    (at) => layer.toString('latin1', at + 257, at + 263) === 'ustar ' && layer[at + 345] !== 0,
  );
}
