import {
  type ArtifactStore,
  allowFileSource,
  artifactName,
  type ChosenLayers,
  chooseLayers,
  type FlattenChoices,
  type FlattenOutcome,
  findArtifact,
  flattenImage,
  flattenReport,
  formatPlatform,
  inspectImage,
  type Limits,
  parsePlatform,
  parseReference,
  type Source,
  saveArtifact,
  sourceFor,
  traits,
} from '@dimgx/core';
import {
  type ArtifactLifetimes,
  type Job,
  type JobRequest,
  type JobResult,
  requestedCompression,
} from '@dimgx/queue';
import type { Attempt } from './attempt.ts';

/** What jobs are done with. */
export interface JobTools {
  readonly store: ArtifactStore;
  readonly dockerHost?: string;
  /** Folders below which images may be files. */
  readonly fileSources: readonly string[];
  readonly spoolFolder: string;
  readonly limits?: Partial<Limits>;
  readonly artifacts: Pick<ArtifactLifetimes, 'renew'>;
}

/**
 * The road of one job on a worker. What it opens it closes, whatever happens; what it can't finish leaves nothing in
 * the store. Throws what the source, the engine or the store throws, or the reason of the attempt's signal.
 */
export async function processJob({ request }: Job, attempt: Attempt, tools: JobTools): Promise<JobResult> {
  const begun = performance.now();
  const { signal, log } = attempt;
  const { store, artifacts, spoolFolder, limits } = tools;
  const onProgress = attempt.report;

  const source = await sourceOf(request, attempt, tools);
  try {
    const image = await source.describe();
    log.info(`the image is ${image.digest}, ${formatPlatform(image.platform)}`, { digest: image.digest });
    const chosen = chooseLayers(image, { specs: request.layers, strict: true });
    log.info(`${chosen.indices.length} of its ${image.layers.length} layers are chosen`);
    if (request.kind === 'inspect') return inspectImage(image, { layers: chosen.layers });

    const choices = flattenChoices(request, chosen);
    const name = artifactName(image, choices, request.destination?.key);
    await artifacts.renew(name.key);
    if (request.force !== true) {
      const known = await findArtifact(store, name, signal);
      if (known.state === 'found') {
        log.info(`the store has the artifact already: ${name.key}`);
        return known.report;
      }
      if (known.state === 'unusable') log.warn(`makes the artifact in the store anew: ${known.reason}`);
    }

    const opened = await source.open();
    try {
      const { mediaType } = traits[choices.compression.algorithm];
      const onBegun = (ticket: string) => attempt.begin({ key: name.key, ticket });
      return await saveArtifact(store, name, { mediaType, signal, onBegun }, async (sink) => {
        const outcome = await flattenImage(opened, sink, {
          ...choices,
          limits,
          spoolFolder,
          signal,
          onProgress,
          // Locks must be renewed, and uploads go on.
          background: true,
        });
        attempt.report(uploadOf(outcome));
        // Another worker that has the job by now must find what it made as it left it.
        await attempt.confirm();
        const durationMs = Math.round(performance.now() - begun);
        return flattenReport({ image, layers: chosen.indices, outcome, key: name.key, durationMs });
      });
    } finally {
      await opened.close();
    }
  } finally {
    await source.close();
  }
}

async function sourceOf(request: JobRequest, attempt: Attempt, tools: JobTools): Promise<Source> {
  const reference = await allowFileSource(parseReference(request.image), tools.fileSources);
  return sourceFor(reference, {
    signal: attempt.signal,
    platform: request.platform === undefined ? undefined : parsePlatform(request.platform),
    pull: request.pull ?? 'missing',
    spoolFolder: tools.spoolFolder,
    dockerHost: tools.dockerHost,
    limits: tools.limits,
    onProgress: attempt.report,
  });
}

function flattenChoices(request: JobRequest, { indices }: ChosenLayers): FlattenChoices {
  const { include, exclude } = request;
  return { layers: indices, compression: requestedCompression(request), include, exclude };
}

/** All has been read and made; what is left are the store's last bytes. */
function uploadOf({ tar, entries }: FlattenOutcome) {
  const { files, directories, symlinks, hardlinks, devices } = entries;
  const written = files + directories + symlinks + hardlinks + devices;
  return { phase: 'upload', bytes: tar.size, totalBytes: tar.size, entries: written } as const;
}
