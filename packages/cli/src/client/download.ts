import { write } from 'node:fs';
import { promisify } from 'node:util';
import type { Artifact } from '@dimgx/client';
import type { Progress } from '@dimgx/core';
import { openTarget } from '../target/open-target.ts';
import { type Target, type TargetOptions, targetFault } from '../target/target.ts';

const writeFile = promisify(write);

export interface DownloadOptions extends TargetOptions {
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Brings an artifact to a path, or to stdout for `-`; gives the target, which has all of it, verified. Otherwise throws
 * what the artifact's body or the target does, and leaves nothing.
 */
export async function download(artifact: Artifact, path: string, options: DownloadOptions): Promise<Target> {
  const { body, size } = artifact;
  const target = await openTarget(path, options).catch(async (error: unknown) => {
    await body.cancel();
    throw error;
  });
  try {
    let bytes = 0;
    for await (const chunk of body) {
      await writeAll(target, chunk);
      bytes += chunk.length;
      options.onProgress?.({ phase: 'fetch', bytes, totalBytes: size, entries: 0 });
    }
    await target.commit();
    return target;
  } finally {
    await target.discard();
  }
}

async function writeAll({ key, sink }: Target, chunk: Uint8Array): Promise<void> {
  if (sink.kind === 'chunks') return sink.write(chunk);
  try {
    for (let offset = 0; offset < chunk.length; ) {
      offset += (await writeFile(sink.fd, chunk, offset)).bytesWritten;
    }
  } catch (error) {
    throw targetFault(key, error);
  }
}
