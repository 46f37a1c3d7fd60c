import { stat } from 'node:fs/promises';
import {
  type Compression,
  chooseLayers,
  DimgxError,
  type FlattenReport,
  flattenImage,
  flattenReport,
  parseReference,
  type Source,
} from '@dimgx/core';
import { type ProgressDisplay, showProgress } from '../progress/progress-display.ts';
import { openTarget } from '../target/open-target.ts';
import { passToStdout } from '../target/special-target.ts';
import type { Target } from '../target/target.ts';
import { TimeLimit } from '../time-limit.ts';
import { emptinessWarning, orderWarning } from './choice-warnings.ts';
import { compressionChoice } from './compression-choice.ts';
import type { FlattenFlags } from './flatten-options.ts';
import { flattenSummary } from './flatten-summary.ts';
import { type ImageSettings, imageSource, readImageSettings } from './image-source.ts';
import { suffixWarning } from './suffix-warning.ts';
import { warn, warnOfUnknownVariables } from './warnings.ts';

/** `dimgx flatten`: the target is complete when it resolves, and as it was before when it rejects. */
export async function flatten(reference: string, flags: FlattenFlags, signal: AbortSignal): Promise<void> {
  const compression = compressionChoice(flags);
  warnOfUnknownVariables();
  const settings = readImageSettings(flags);
  const warning = suffixWarning(flags.target, compression.algorithm);
  if (warning !== undefined) warn(warning);
  using time = new TimeLimit(settings.timeout, signal);
  const report = await flattenTo({ reference, flags, compression, settings, signal: time.signal });
  const text = flags.json === true ? `${JSON.stringify(report, null, 2)}\n` : flattenSummary(report);
  // Where the tar goes to stdout, nothing else may.
  const output = report.artifact.key === '-' ? process.stderr : process.stdout;
  output.write(text);
}

interface FlattenRun {
  readonly reference: string;
  readonly flags: FlattenFlags;
  readonly compression: Compression;
  readonly settings: ImageSettings;
  readonly signal: AbortSignal;
}

/** Opens all that is needed and closes it again, whatever happens. */
async function flattenTo(run: FlattenRun): Promise<FlattenReport> {
  const { reference, flags, settings, signal } = run;
  const display = showProgress(flags.progress);
  const { platform } = flags;
  const source = imageSource({ ...settings, reference, platform, signal, onProgress: display.show });
  try {
    await refuseOwnSource(reference, flags.target);
    const target = await openTarget(flags.target, { force: flags.force === true, signal });
    try {
      return await flattenSource(run, source, target, display);
    } catch (error) {
      if (target.key === '-') passToStdout(error);
      throw error;
    } finally {
      await target.discard();
    }
  } finally {
    display.finish();
    await source.close();
  }
}

async function flattenSource(
  { flags, compression, settings, signal }: FlattenRun,
  source: Source,
  target: Target,
  display: ProgressDisplay,
): Promise<FlattenReport> {
  const started = performance.now();
  const {
    layers: specs = [],
    reverse = false,
    strict = false,
    keepWhiteouts = false,
    dropEstargz = false,
    include,
    exclude,
  } = flags;
  const { indices: layers, warnings } = chooseLayers(await source.describe(), { specs, reverse, strict });
  display.finish();
  const choice = { specs, indices: layers, hasPatterns: (include ?? exclude) !== undefined };
  warnAll([...warnings, orderWarning(choice)]);
  const image = await source.open();
  try {
    const outcome = await flattenImage(image, target.sink, {
      ...{ layers, compression, keepWhiteouts, dropEstargz, signal, onProgress: display.show },
      spoolFolder: settings.spoolFolder,
      limits: settings.limits,
      ...(include !== undefined && { include }),
      ...(exclude !== undefined && { exclude }),
    });
    await target.commit();
    warnAll([emptinessWarning(choice, outcome)]);
    const durationMs = Math.round(performance.now() - started);
    return flattenReport({ image: image.description, layers, outcome, key: target.key, durationMs });
  } finally {
    await image.close();
  }
}

function warnAll(warnings: readonly (string | undefined)[]): void {
  for (const warning of warnings) if (warning !== undefined) warn(warning);
}

/** `--force` is not meant for the image itself. Throws `USAGE`. */
async function refuseOwnSource(reference: string, target: string): Promise<void> {
  const image = parseReference(reference);
  if (image.transport !== 'docker-archive' && image.transport !== 'oci-archive') return;
  const [source, place] = await Promise.all(
    [image.file, target].map((path) => stat(path).catch(() => undefined)),
  );
  const isSame = source?.isFile() === true && source.dev === place?.dev && source.ino === place.ino;
  if (isSame) throw new DimgxError('USAGE', `${target} is the image itself: choose another target`);
}
