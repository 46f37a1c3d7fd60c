import type { EngineLayer } from '../flatten/engine-layer.ts';
import { Inodes, Kind } from '../flatten/inodes.ts';
import type { Limits } from '../flatten/limits.ts';
import { planTree } from '../flatten/plan-tree.ts';
import type { Progress } from '../flatten/progress.ts';
import { unpackLayers } from '../flatten/unpack-layer.ts';
import { type PathCounts, UsageTree, wastedBytes } from './usage-tree.ts';

/** What a layer brings to a stack of layers, and what of it is left in the end. */
export interface LayerUsage extends Readonly<PathCounts> {
  /** Bytes of the layer's files that are not in the flattened tree. */
  readonly wastedBytes: number;
  /** Bytes of the layer's tar. */
  readonly uncompressedSize: number;
}

/** All that the thread must know; it can be passed between threads. */
export interface UsageTask {
  /** Lowest precedence first. */
  readonly layers: readonly EngineLayer[];
  readonly limits: Limits;
  readonly spoolFolder: string;
  /** Layers that are unpacked at once. */
  readonly lanes: number;
}

export interface UsageHost {
  /** Throws when the work shall end. */
  check(): void;
  progress(progress: Progress): void;
}

/** Unpacks what is compressed and applies the layers' headers, as flattening does; in the order of the layers. */
export async function measureUsage(task: UsageTask, host: UsageHost): Promise<LayerUsage[]> {
  const { layers, limits, spoolFolder, lanes } = task;
  const unpacked = await unpackLayers(layers, {
    ...{ spoolFolder, limits, atOnce: lanes },
    check: () => host.check(),
    onBytes: (bytes) => host.progress({ phase: 'plan', bytes, entries: 0 }),
  });
  try {
    const { regions } = unpacked;
    const inodes = new Inodes();
    const tree = new UsageTree(inodes, inodes.addImplied(Kind.directory));
    planTree(layers, regions, {
      ...{ limits, keepWhiteouts: false, empty: { tree, inodes } },
      onEntries: (entries) => {
        host.check();
        host.progress({ phase: 'plan', bytes: 0, entries });
      },
      onLayer: () => tree.beginLayer(),
    });
    const wasted = wastedBytes(tree, inodes, layers.length);
    return tree.counted().map((counts, index) => ({
      ...counts,
      wastedBytes: wasted[index],
      uncompressedSize: regions[index].size,
    }));
  } finally {
    unpacked.close();
  }
}
