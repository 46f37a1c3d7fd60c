import { createHash } from 'node:crypto';
import { write } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DimgxError, type FlattenReport, type Progress } from '@dimgx/core';
import { type Target, targetFault } from '../target/target.ts';
import type { ServiceClient } from './service-client.ts';

/** Answers without a byte in a row after which a download is given up. */
const mostIdle = 5;
const pauseMs = 500;

const writeFile = promisify(write);

export interface Download {
  readonly client: ServiceClient;
  readonly job: string;
  readonly artifact: FlattenReport['artifact'];
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Downloads an artifact and checks it against the job's report before it counts; goes on where a broken connection
 * left off. The target is committed, or discarded. Throws `DIGEST_MISMATCH`, or what the service refuses with.
 */
export async function download({
  client,
  job,
  artifact,
  target,
  signal,
  onProgress,
}: Download): Promise<void> {
  const hash = createHash('sha256');
  let received = 0;
  try {
    for (let idle = 0; received < artifact.size; ) {
      const before = received;
      const fault = await copyBody(await client.artifact(job, received), async (chunk) => {
        received += chunk.length;
        if (received > artifact.size) throw mismatch(job, `more than its ${artifact.size} bytes`);
        hash.update(chunk);
        await writeAll(target, chunk);
        onProgress?.({ phase: 'fetch', bytes: received, totalBytes: artifact.size, entries: 0 });
      });
      signal.throwIfAborted();
      idle = received > before ? 0 : idle + 1;
      if (idle === mostIdle) throw brokenOff(job, fault);
      if (received < artifact.size) await delay(pauseMs, undefined, { signal });
    }
    const sha256 = `sha256:${hash.digest('hex')}`;
    if (sha256 !== artifact.sha256) throw mismatch(job, `${sha256}, not ${artifact.sha256}`);
    await target.commit();
  } finally {
    await target.discard();
  }
}

function mismatch(job: string, arrived: string): DimgxError {
  return new DimgxError(
    'DIGEST_MISMATCH',
    `the artifact of job ${job} arrived as ${arrived}; download it again`,
  );
}

function brokenOff(job: string, cause: unknown): DimgxError {
  const message = `the download of job ${job} broke off again and again; try it later`;
  return new DimgxError('SERVICE_UNREACHABLE', message, { cause });
}

/** Gives the fault of the connection, if it broke; one of `take` is thrown. */
async function copyBody(
  response: Response,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<unknown | undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return undefined;
  try {
    for (;;) {
      const next = await reader.read().catch((error: unknown) => ({ fault: error }));
      if ('fault' in next) return next.fault;
      if (next.done) return undefined;
      await take(next.value);
    }
  } finally {
    await reader.cancel().catch(() => {
      // Of a connection that is broken already.
    });
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
