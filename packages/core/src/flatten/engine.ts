import type { ByteSink } from '../compress/block-compressor.ts';
import { type Compression, traits } from '../compress/compression.ts';
import { openEncoder } from '../compress/encoder.ts';
import { type DiffId, digestFromHex } from '../image/digest.ts';
import type { FileRegion } from '../image/file-region.ts';
import { BLOCK } from '../tar/block.ts';
import { overLimit } from '../tar/faults.ts';
import { BlockWriter } from './block-writer.ts';
import { DigestingSink } from './digesting-sink.ts';
import { Emitter } from './emitter.ts';
import type { EngineLayer } from './engine-layer.ts';
import type { FlattenOutcome } from './flatten-result.ts';
import type { Limits } from './limits.ts';
import { OutputOrder } from './output-order.ts';
import { planTree, type TreePlan } from './plan-tree.ts';
import type { Progress } from './progress.ts';
import { type PathFilter, select } from './selection.ts';
import { unpackLayers } from './unpack-layer.ts';

/** All that the engine's thread must know; it can be passed between threads. */
export interface EngineTask {
  /** Lowest precedence first. */
  readonly layers: readonly EngineLayer[];
  readonly compression: Compression;
  readonly keepWhiteouts: boolean;
  readonly filter: PathFilter;
  readonly limits: Limits;
  readonly spoolFolder: string;
  /** Streams that compress, and layers that are unpacked, at once. */
  readonly lanes: number;
}

export interface EngineHost {
  readonly sink: ByteSink;
  /** Throws when the work shall end. */
  check(): void;
  progress(progress: Progress): void;
}

/** Flattens: unpacks what is compressed, applies the layers' headers to a tree, writes what is left. */
export async function runEngine(task: EngineTask, host: EngineHost): Promise<FlattenOutcome> {
  const { limits, spoolFolder, keepWhiteouts } = task;
  host.progress({ phase: 'plan', bytes: 0, entries: 0 });
  const unpacked = await unpackLayers(task.layers, {
    spoolFolder,
    limits,
    atOnce: task.lanes,
    check: () => host.check(),
    onBytes: (bytes) => host.progress({ phase: 'plan', bytes, entries: 0 }),
  });
  try {
    const { regions } = unpacked;
    const onEntries = (entries: number): void => {
      host.check();
      host.progress({ phase: 'plan', bytes: 0, entries });
    };
    const plan = planTree(task.layers, regions, { limits, keepWhiteouts, onEntries });
    return await writeTree(task, host, regions, plan);
  } finally {
    unpacked.close();
  }
}

async function writeTree(
  task: EngineTask,
  host: EngineHost,
  regions: readonly FileRegion[],
  plan: TreePlan,
): Promise<FlattenOutcome> {
  const { tree, inodes } = plan;
  const { compression } = task;
  const artifact = compression.algorithm === 'none' ? undefined : new DigestingSink(host.sink);
  const encoder = openEncoder(compression, task.lanes, artifact ?? host.sink);
  try {
    const selection = select(tree, task.filter);
    const totalBytes = outputBytes(new OutputOrder(tree, inodes, selection, task.keepWhiteouts));
    host.progress({ phase: 'flatten', bytes: 0, totalBytes, entries: 0 });
    const order = new OutputOrder(tree, inodes, selection, task.keepWhiteouts);
    const writer = new BlockWriter(encoder.blocks);
    const emitter = new Emitter(tree, regions, plan.headers, writer);
    await emitter.emit(order.steps(), () => {
      host.check();
      checkSize(writer.size, task.limits);
      host.progress({ phase: 'flatten', bytes: writer.size, totalBytes, entries: order.entries });
    });
    const diffId = digestFromHex(await writer.end()) as DiffId;
    await encoder.end();
    const { size } = writer;
    checkSize(size, task.limits);
    host.progress({ phase: 'flatten', bytes: size, totalBytes: size, entries: order.entries });
    return {
      tar: {
        mediaType: traits[compression.algorithm].mediaType,
        compression: compression.algorithm,
        level: compression.level ?? null,
        size: artifact?.size ?? size,
        sha256: artifact?.digest() ?? diffId,
        uncompressedSize: size,
        diffId,
      },
      entries: { ...order.counts, removed: plan.removed, shadowed: plan.shadowed },
    };
  } finally {
    await encoder.close();
  }
}

/** A tar can be far larger than its layers: each directory that a long path implies has a header of its own. */
function checkSize(size: number, { uncompressedBytes }: Limits): void {
  if (size <= uncompressedBytes) return;
  throw overLimit('the flattened tar has too many bytes', 'uncompressedBytes', uncompressedBytes);
}

/** About how large the tar will be: headers that are written anew are counted as one block. */
function outputBytes(order: OutputOrder): number {
  let bytes = 0;
  for (const step of order.steps()) bytes += step.kind === 'copy' ? step.end - step.start : BLOCK;
  return bytes;
}
