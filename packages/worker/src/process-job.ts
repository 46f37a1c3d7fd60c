import {
  type ArtifactStore,
  allowFileSource,
  artifactName,
  type Compression,
  chooseLayers,
  compressionOf,
  DimgxError,
  type FlattenChoices,
  type FlattenOutcome,
  findArtifact,
  flattenImage,
  flattenReport,
  type ImageDescription,
  inspectImage,
  type Limits,
  parsePlatform,
  parseReference,
  type Source,
  type SourceOptions,
  saveArtifact,
  sourceFor,
  traits,
} from '@dimgx/core';
import type { Job, JobRequest } from '@dimgx/queue';
import type { Attempt, JobResult } from './run-attempt.ts';

/** What jobs are done with. */
export interface JobTools {
  readonly store: ArtifactStore;
  readonly dockerHost?: string;
  /** Folders below which images may be files. */
  readonly fileSources: readonly string[];
  readonly spoolFolder: string;
  readonly limits?: Partial<Limits>;
}

/**
 * The road of one job on a worker. What it opens it closes, whatever happens; what it can't finish leaves nothing in
 * the store. Throws what the source, the engine or the store throws, or the reason of the attempt's signal.
 */
export async function processJob({ request }: Job, attempt: Attempt, tools: JobTools): Promise<JobResult> {
  const begun = performance.now();
  const source = await openSource(request, attempt, tools);
  try {
    const image = await source.describe();
    attempt.log.info({ digest: image.digest }, 'resolved');
    if (request.kind === 'inspect') return inspectImage(image);
    return await flattenToStore({ request, attempt, tools, source, image, begun });
  } finally {
    await source.close();
  }
}

async function openSource(request: JobRequest, attempt: Attempt, tools: JobTools): Promise<Source> {
  const reference = await allowFileSource(parseReference(request.image), tools.fileSources);
  const options: SourceOptions = {
    signal: attempt.signal,
    platform: request.platform === undefined ? undefined : parsePlatform(request.platform),
    pull: request.pull ?? 'missing',
    spoolFolder: tools.spoolFolder,
    dockerHost: tools.dockerHost,
    onProgress: (progress) => attempt.report(progress),
  };
  return sourceFor(reference, options);
}

interface FlattenWork {
  readonly request: JobRequest;
  readonly attempt: Attempt;
  readonly tools: JobTools;
  readonly source: Source;
  readonly image: ImageDescription;
  /** As `performance.now()`. */
  readonly begun: number;
}

async function flattenToStore({
  request,
  attempt,
  tools,
  source,
  image,
  begun,
}: FlattenWork): Promise<JobResult> {
  const { store, spoolFolder, limits } = tools;
  const { signal, log } = attempt;
  const choices = flattenChoices(request, image);
  const name = artifactName(image, choices, request.destination?.key);
  if (request.force !== true) {
    const known = await findArtifact(store, name, signal);
    if (known.state === 'found') return known.report;
    if (known.state === 'unusable') log.warn({ reason: known.reason }, 'to be replaced');
  }
  const opened = await source.open();
  try {
    const { mediaType } = traits[choices.compression.algorithm];
    return await saveArtifact(store, name, { mediaType, signal }, async (sink) => {
      const onProgress = attempt.report.bind(attempt);
      const outcome = await flattenImage(opened, sink, {
        ...choices,
        limits,
        spoolFolder,
        signal,
        onProgress,
      });
      const { size } = outcome.tar;
      attempt.report({ phase: 'upload', bytes: size, totalBytes: size, entries: entriesIn(outcome) });
      await attempt.confirm();
      const durationMs = Math.round(performance.now() - begun);
      return flattenReport({ image, layers: choices.layers, outcome, key: name.key, durationMs });
    });
  } finally {
    await opened.close();
  }
}

function flattenChoices(request: JobRequest, image: ImageDescription): FlattenChoices {
  const { include, exclude, layers } = request;
  return { layers: chooseLayers(image, layers), compression: compressionIn(request), include, exclude };
}

function compressionIn({ compression = { algorithm: 'zstd' } }: JobRequest): Compression {
  const { algorithm, level } = compression;
  const chosen = compressionOf(algorithm, level);
  if (chosen !== undefined) return chosen;
  throw new DimgxError('COMPRESSION_INVALID', `${algorithm} has no level ${level}`);
}

function entriesIn({ entries }: FlattenOutcome): number {
  return entries.files + entries.directories + entries.symlinks + entries.hardlinks + entries.devices;
}
