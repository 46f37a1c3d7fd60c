import { type FileRegion, readRegion } from '../image/file-region.ts';
import { TarReader } from '../tar/reader.ts';
import { type EngineLayer, inLayer } from './engine-layer.ts';
import { HeaderStore } from './header-store.ts';
import { Inodes, Kind } from './inodes.ts';
import { LayerApplier } from './layer-applier.ts';
import type { Limits } from './limits.ts';
import { ROOT, Tree } from './tree.ts';

/** The tree that the layers leave, and what became of their entries. */
export interface TreePlan {
  readonly tree: Tree;
  readonly inodes: Inodes;
  /** Reads headers from the layers again. */
  readonly headers: HeaderStore;
  readonly removed: number;
  readonly shadowed: number;
}

export interface TreePlanOptions {
  readonly limits: Limits;
  readonly keepWhiteouts: boolean;
  /** Hears now and then how many entries were applied; may throw to end the work. */
  readonly onEntries: (entries: number) => void;
  /** What to apply the layers to, of somebody who watches it; without it, a tree of its own. */
  readonly empty?: EmptyTree;
  /** Hears that a layer is about to be applied. */
  readonly onLayer?: (index: number) => void;
}

/** A tree that has only the root directory, which no entry made. */
export interface EmptyTree {
  readonly tree: Tree;
  readonly inodes: Inodes;
}

/** Applies the layers' headers, lowest precedence first; `regions` are the layers' uncompressed tars. */
export function planTree(
  layers: readonly EngineLayer[],
  regions: readonly FileRegion[],
  { limits, keepWhiteouts, onEntries, empty = emptyTree(), onLayer }: TreePlanOptions,
): TreePlan {
  const { tree, inodes } = empty;
  inodes.setHome(tree.inode(ROOT), ROOT);
  const headers = new HeaderStore(regions, inodes, limits);
  const readLink = (inode: number): Buffer => headers.link(inode);
  const applier = new LayerApplier(tree, inodes, { limits, readLink, keepWhiteouts, onEntries });
  for (const [index, region] of regions.entries()) {
    const reader = new TarReader(
      (target, position) => readRegion(region, target, position),
      region.size,
      limits,
    );
    onLayer?.(index);
    try {
      applier.apply(index, reader);
    } catch (error) {
      throw inLayer(layers[index].subject, error);
    }
  }
  return { tree, inodes, headers, removed: applier.removed, shadowed: applier.shadowed };
}

function emptyTree(): EmptyTree {
  const inodes = new Inodes();
  return { tree: new Tree(inodes, inodes.addImplied(Kind.directory)), inodes };
}
