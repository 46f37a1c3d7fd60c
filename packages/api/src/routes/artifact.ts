import {
  type ArtifactStore,
  attachment,
  DimgxError,
  type FlattenReport,
  flattenReportSchema,
  parseSidecar,
  sidecarKey,
} from '@dimgx/core';
import type { Job, JobQueue } from '@dimgx/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from '../api.ts';
import { artifactFileName } from '../artifact-name.ts';
import { requestedRange } from '../byte-ranges.ts';
import { problemResponses } from '../problems.ts';
import { whileConnected } from '../while-connected.ts';
import { findJob, jobParameters } from './jobs.ts';

export interface ArtifactRoutes {
  readonly queue: Pick<JobQueue, 'find'>;
  readonly store: ArtifactStore;
}

/** Long enough to begin a download by hand, short enough for a log that it may land in. */
const presignedSeconds = 15 * 60;

export function addArtifactRoutes(app: Api, { queue, store }: ArtifactRoutes): void {
  for (const [method, operationId] of [
    ['GET', 'downloadArtifact'],
    ['HEAD', 'checkArtifact'],
  ] as const) {
    app.route({
      // HEAD by itself would be left out of the document.
      method: [method],
      exposeHeadRoute: false,
      url: '/jobs/:id/artifact',
      config: { scope: 'read' },
      schema: {
        operationId,
        tags: ['jobs'],
        summary: 'The artifact of a flattened image',
        description:
          'A redirect to where it can be downloaded for a while, or the bytes themselves, ranges too.',
        params: jobParameters,
        response: problemResponses(
          ...(['UNAUTHORIZED', 'JOB_NOT_FOUND', 'ARTIFACT_NOT_FOUND', 'ARTIFACT_NOT_READY'] as const),
          ...(['ARTIFACT_EXPIRED', 'ARTIFACT_REPLACED', 'RANGE_NOT_SATISFIABLE'] as const),
          ...(['REDIS_UNREACHABLE', 'STORE_UNREACHABLE'] as const),
        ),
      },
      async handler(request, reply) {
        const job = await findJob(queue, request.params.id);
        const signal = whileConnected(reply);
        const report = await finishedReport(job, store, signal);
        const fileName = artifactFileName(job.request, report);
        const url = await store.presign(report.artifact.key, { fileName, expiresSeconds: presignedSeconds });
        if (url !== undefined) return reply.header('cache-control', 'no-store').redirect(url, 302);
        return sendBytes({ request, reply, store, report, fileName, signal });
      },
    });
  }
}

/**
 * The report of an artifact that the store still has. Throws `ARTIFACT_NOT_READY`, `…_NOT_FOUND`, `…_EXPIRED` or
 * `…_REPLACED`.
 */
async function finishedReport(job: Job, store: ArtifactStore, signal: AbortSignal): Promise<FlattenReport> {
  const { id, kind, state, request, result } = job;
  if (state === 'queued' || state === 'active') {
    throw new DimgxError('ARTIFACT_NOT_READY', `job ${id} is ${state}: ask again when it is completed`);
  }
  if (state !== 'completed' || kind !== 'flatten') {
    const why = kind === 'flatten' ? `it is ${state}` : `it was to ${kind}`;
    throw new DimgxError('ARTIFACT_NOT_FOUND', `job ${id} has no artifact: ${why}`);
  }
  const report = flattenReportSchema.parse(result);
  const { key, size, sha256 } = report.artifact;
  // Other work may have been told to go to the same place; where keys are ours, a key stands for its bytes.
  const kept = request.destination?.key === undefined ? report : await keptReport(store, key, signal);
  if (kept !== undefined && kept.artifact.sha256 !== sha256) throw replaced(id, key, kept);
  if (kept !== undefined && (await store.head(key, signal))?.size === size) return report;
  throw new DimgxError(
    'ARTIFACT_EXPIRED',
    `the store no longer has the artifact of job ${id}: submit it again`,
  );
}

/** What lies there now, by its sidecar. */
async function keptReport(
  store: ArtifactStore,
  key: string,
  signal: AbortSignal,
): Promise<FlattenReport | undefined> {
  const bytes = await store.read(sidecarKey(key), signal);
  const parsed = bytes && parseSidecar(bytes);
  return parsed !== undefined && 'sidecar' in parsed ? parsed.sidecar.report : undefined;
}

function replaced(id: string, key: string, { image }: FlattenReport): DimgxError {
  const now = `${key} is of ${image.reference} (${image.digest.slice(0, 'sha256:'.length + 12)}) now`;
  const remedy = 'submit it again, with a key that no other job has';
  return new DimgxError(
    'ARTIFACT_REPLACED',
    `other work was stored in place of the artifact of job ${id}: ${now}; ${remedy}`,
  );
}

interface Download {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly store: ArtifactStore;
  readonly report: FlattenReport;
  readonly fileName: string;
  readonly signal: AbortSignal;
}

async function sendBytes({
  request,
  reply,
  store,
  report,
  fileName,
  signal,
}: Download): Promise<FastifyReply> {
  const { key, size, sha256, mediaType } = report.artifact;
  const etag = `"${sha256}"`;
  reply.headers({ 'accept-ranges': 'bytes', etag, 'content-disposition': attachment(fileName) });
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  const condition = request.headers['if-range'];
  const isSame = condition === undefined || condition === etag;
  // Until the range is known to be one, it is what a refusal says.
  reply.header('content-range', `bytes */${size}`);
  const range = isSame ? requestedRange(request.headers.range, size) : undefined;
  reply.type(mediaType);
  if (range === undefined) reply.removeHeader('content-range').header('content-length', size);
  else {
    reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`);
    reply.header('content-length', range.end - range.start + 1);
  }
  if (request.method === 'HEAD') return reply.send();
  return reply.send(await store.stream(key, signal, range));
}
