import { write } from 'node:fs';
import { promisify } from 'node:util';
import { type Artifact, ServiceError } from '@dimgx/client';
import type { Progress } from '@dimgx/core';
import { formatBytes } from '../quantity.ts';
import { openTarget } from '../target/open-target.ts';
import { type Target, type TargetOptions, targetFault } from '../target/target.ts';

const writeFile = promisify(write);

export interface DownloadOptions extends Omit<TargetOptions, 'sha256'> {
  readonly onProgress?: (progress: Progress) => void;
  /** How a later run goes on with what this one has, if it may. */
  readonly resume?: Resume;
}

export interface Resume {
  /** The same artifact, behind the bytes that are held. */
  open(held: AsyncIterable<Uint8Array>): Promise<Artifact>;
  /** Told what an earlier run has left, and what is left to a later one. */
  say(message: string): void;
}

/**
 * Brings an artifact to a path, or to stdout for `-`; gives the target, which has all of it, verified. Otherwise throws
 * what the artifact's body or the target does, and leaves nothing but what a later run can go on with.
 */
export async function download(artifact: Artifact, path: string, options: DownloadOptions): Promise<Target> {
  const { force, signal, resume } = options;
  const sha256 = resume && artifact.sha256;
  const target = await openTarget(path, { force, signal, sha256 }).catch(async (error: unknown) => {
    await artifact.body.cancel();
    throw error;
  });
  let bytes = target.kept?.size ?? 0;
  try {
    const { body, size } = await rest(artifact, target, resume);
    for await (const chunk of body) {
      await writeAll(target, chunk);
      bytes += chunk.length;
      options.onProgress?.({ phase: 'fetch', bytes, totalBytes: size, entries: 0 });
    }
    await target.commit();
    return target;
  } catch (error) {
    if (target.kept === undefined || bytes === 0 || !mayGoOn(error, signal)) throw error;
    await target.kept.keep();
    resume?.say(
      `${amount(bytes, artifact)} are kept in ${target.kept.path}; the same command goes on from there`,
    );
    throw error;
  } finally {
    await target.discard();
  }
}

/** The artifact behind what an earlier run has left of it. */
async function rest(artifact: Artifact, { kept }: Target, resume: Resume | undefined): Promise<Artifact> {
  if (kept === undefined || kept.size === 0 || resume === undefined) return artifact;
  await artifact.body.cancel();
  resume.say(`goes on behind the ${amount(kept.size, artifact)} that an earlier run has left`);
  return resume.open(kept.read());
}

/** Wrong bytes are no beginning, and where there is no room they would stand in the way. */
function mayGoOn(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || (error instanceof ServiceError && error.retryable);
}

function amount(bytes: number, { size }: Artifact): string {
  return `${formatBytes(bytes)} of ${formatBytes(size)}`;
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
