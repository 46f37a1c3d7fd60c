import type { Sha256 } from '#sha256';
import { pause } from '../requests/patience.ts';
import { ServiceError } from '../requests/service-error.ts';
import type { ArtifactReport } from './flatten-report.ts';

/** Answers without a byte in a row after which a download is given up. */
const mostIdle = 5;
const pauseMs = 500;

export interface WantedBytes {
  readonly job: string;
  readonly report: ArtifactReport;
  /** Has the bytes before them, as many as `hashed`. */
  readonly hash: Sha256;
  readonly hashed: number;
  /** How many there must be; if with those before them that is all of the artifact, its digest must be right. */
  readonly length: number;
  readonly signal: AbortSignal;
}

/**
 * The bytes of an artifact, over as many connections as that takes. Throws `DIGEST_MISMATCH`, `SERVICE_UNREACHABLE`
 * when they break off again and again, or what `reopen` throws.
 */
export async function* artifactBytes(
  first: Response,
  reopen: (received: number) => Promise<Response>,
  { job, report, hash, hashed, length, signal }: WantedBytes,
): AsyncGenerator<Uint8Array, void, undefined> {
  let received = 0;
  for (let idle = 0, response = first; ; response = await reopen(received)) {
    const before = received;
    const end = { fault: undefined };
    for await (const chunk of untilBroken(response, end)) {
      received += chunk.length;
      if (received > length) throw mismatch(job, `more than its ${length} bytes`);
      hash.update(chunk);
      yield chunk;
    }
    signal.throwIfAborted();
    if (received === length) break;
    idle = received > before ? 0 : idle + 1;
    if (idle === mostIdle) throw brokenOff(job, response, end.fault);
    await pause(pauseMs, signal);
  }
  const sha256 = `sha256:${hash.hex()}`;
  if (hashed + length === report.size && sha256 !== report.sha256)
    throw mismatch(job, `${sha256}, not ${report.sha256}`);
}

/** What comes of a body; `end` is told the fault of a connection that breaks. */
async function* untilBroken(
  { body }: Response,
  end: { fault: unknown },
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const next = await reader.read().catch((fault: unknown) => ({ fault }));
      if ('fault' in next) {
        end.fault = next.fault;
        return;
      }
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await reader.cancel().catch(() => {
      // Of a connection that is broken already.
    });
  }
}

/** The store finds what is damaged there as well as what is not. */
const remedy = 'download it again, and if that is no better submit the image with force';

function mismatch(job: string, arrived: string): ServiceError {
  const message = `the artifact of job ${job} arrived as ${arrived}: ${remedy}`;
  return new ServiceError('DIGEST_MISMATCH', message);
}

function brokenOff(job: string, { status }: Response, cause: unknown): ServiceError {
  const message = `the download of job ${job} broke off again and again; try it later`;
  return new ServiceError('SERVICE_UNREACHABLE', message, { status, cause });
}
