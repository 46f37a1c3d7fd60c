import { Sha256 } from '#sha256';
import type { Connection } from '../requests/connection.ts';
import { path, type RequestOptions } from '../requests/request.ts';
import { ServiceError } from '../requests/service-error.ts';
import { artifactBytes } from './artifact-bytes.ts';
import type { ArtifactReport } from './flatten-report.ts';
import type { Jobs } from './jobs.ts';

/** Which bytes of an artifact are wanted. */
export interface ArtifactOptions extends RequestOptions {
  /** The first byte that is wanted: 0 unless given. */
  readonly start?: number | undefined;
  /** The last byte that is wanted: the last one there is, unless given. */
  readonly end?: number | undefined;
  /**
   * Instead of `start`, the first bytes themselves, kept of a download that broke off: read before the others are asked
   * for, they count for the digest, and the body has what follows them.
   */
  readonly held?: AsyncIterable<Uint8Array> | undefined;
}

/** An artifact on its way. */
export interface Artifact extends ArtifactReport {
  /** Where the body begins, and how many bytes it has: 0 and `size`, unless a part was asked for or held. */
  readonly start: number;
  readonly length: number;
  /** A tar, compressed as `compression` says. Can be read once. */
  readonly body: ReadableStream<Uint8Array>;
}

/** As `Jobs.artifact` has it. */
export async function openArtifact(
  connection: Connection,
  jobs: Jobs,
  id: string,
  { start: first = 0, end, held, signal, patienceMs }: ArtifactOptions,
): Promise<Artifact> {
  const cancelled = new AbortController();
  const options = {
    signal: AbortSignal.any([connection.signal(signal), cancelled.signal]),
    patienceMs,
  };
  const { result } = await jobs.get(id, options);
  if (result === undefined || !('artifact' in result)) throw await whyNone(connection, id, options);
  const report = result.artifact;
  const hash = new Sha256();
  const hashed = held === undefined ? 0 : await hashInto(hash, held);
  const start = held === undefined ? first : hashed;
  const last = Math.min(end ?? report.size, report.size - 1);
  const isComplete = hashed === report.size;
  if (!isComplete && !(start >= 0 && start <= last)) {
    const message = `the artifact of job ${id} has ${report.size} bytes, and none from ${start} to ${end ?? 'the end'}`;
    throw new ServiceError('RANGE_NOT_SATISFIABLE', message);
  }
  const length = last - start + 1;
  const open = (received: number) => openPart(connection, id, { start: start + received, end, ...options });
  const wanted = { job: id, report, hash, hashed, length, signal: options.signal };
  const chunks = artifactBytes(isComplete ? new Response() : await open(0), open, wanted);
  return { ...report, start, length, body: streamOf(chunks, cancelled) };
}

/** Resolves with how many they are. */
async function hashInto(hash: Sha256, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return bytes;
}

/** The service says it, unless the job has been completed meanwhile. */
async function whyNone(connection: Connection, id: string, options: RequestOptions): Promise<ServiceError> {
  const response = await openPart(connection, id, options);
  await response.body?.cancel();
  return new ServiceError('ARTIFACT_NOT_READY', `job ${id} was not completed a moment ago: ask again`);
}

async function openPart(
  connection: Connection,
  id: string,
  { start = 0, end, ...options }: ArtifactOptions,
): Promise<Response> {
  const isPart = start > 0 || end !== undefined;
  const headers: Record<string, string> = isPart ? { range: `bytes=${start}-${end ?? ''}` } : {};
  const response = await connection.open({ path: path`/v1/jobs/${id}/artifact`, headers }, options);
  if (!isPart || response.status === 206) return response;
  await response.body?.cancel();
  const message = `bytes ${start} and on of the artifact of job ${id} were asked for, and all of it came`;
  throw new ServiceError('RANGE_NOT_SATISFIABLE', message, { status: response.status });
}

function streamOf(
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
  cancelled: AbortController,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      cancel(reason) {
        cancelled.abort(reason);
      },
    },
    // Nothing is fetched before it is asked for.
    { highWaterMark: 0 },
  );
}
