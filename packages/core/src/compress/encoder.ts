import { type BlockCompressor, type ByteSink, rawBlocks } from './block-compressor.ts';
import { BlockPipeline } from './block-pipeline.ts';
import type { Algorithm, Compression } from './compression.ts';
import { gzipBlocks } from './gzip-blocks.ts';
import { ToolCompressor } from './tool.ts';
import { zstdBlocks } from './zstd-blocks.ts';

/** Compresses a stream that is given block by block, and writes it to a sink. Its owner closes it on every path. */
export interface Encoder {
  readonly blocks: BlockPipeline;
  /** Waits until all is written. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** `lanes`: how many blocks are compressed at once; it changes the speed, not the bytes. */
export function openEncoder(compression: Compression, lanes: number, sink: ByteSink): Encoder {
  const { algorithm, level } = compression;
  if (algorithm === 'xz' || algorithm === 'bzip2') {
    const tool = new ToolCompressor(algorithm, requiredLevel(level), sink);
    const blocks = new BlockPipeline(rawBlocks(), tool);
    return {
      blocks,
      end: async () => {
        await blocks.end();
        await tool.end();
      },
      close: () => tool.close(),
    };
  }
  const compressor = blockCompressor(algorithm, level, lanes);
  const blocks = new BlockPipeline(compressor, sink);
  return { blocks, end: () => blocks.end(), close: async () => compressor.close() };
}

function blockCompressor(
  algorithm: Exclude<Algorithm, 'xz' | 'bzip2'>,
  level: number | undefined,
  lanes: number,
): BlockCompressor {
  switch (algorithm) {
    case 'none':
      return rawBlocks();
    case 'gzip':
      return gzipBlocks(requiredLevel(level), lanes);
    case 'zstd':
      return zstdBlocks(requiredLevel(level), lanes);
  }
}

function requiredLevel(level: number | undefined): number {
  if (level === undefined)
    throw new Error('a compression is made by compressionOf, which fills in the level');
  return level;
}
