import { chooseLayers, type ImageReport, inspectImage, layerUsage, type Source } from '@dimgx/core';
import { type ProgressDisplay, showProgress } from '../progress/progress-display.ts';
import { TimeLimit } from '../time-limit.ts';
import { type ImageSettings, imageSource, readImageSettings } from './image-source.ts';
import type { InspectFlags } from './inspect-options.ts';
import { layerTable } from './layer-table.ts';
import { warn, warnOfUnknownVariables } from './warnings.ts';

/** `dimgx inspect`: prints what the image is made of. */
export async function inspect(reference: string, flags: InspectFlags, signal: AbortSignal): Promise<void> {
  warnOfUnknownVariables();
  const settings = readImageSettings(flags);
  using time = new TimeLimit(settings.timeout, signal);
  const report = await inspected({ reference, flags, settings, signal: time.signal });
  process.stdout.write(shown(report, flags));
}

interface InspectRun {
  readonly reference: string;
  readonly flags: InspectFlags;
  readonly settings: ImageSettings;
  readonly signal: AbortSignal;
}

async function inspected(run: InspectRun): Promise<ImageReport> {
  const { reference, flags, settings, signal } = run;
  const display = showProgress('auto');
  const { platform } = flags;
  // The table has no room for children, and an engine with many images takes its time to list them.
  const children = flags.json === true;
  const source = imageSource({
    ...{ ...settings, reference, platform, signal, children },
    onProgress: display.show,
  });
  try {
    const description = await source.describe();
    const { layers: specs = [], reverse = false, strict = false } = flags;
    const { layers, indices, warnings } = chooseLayers(description, { specs, reverse, strict });
    display.finish();
    for (const warning of warnings) warn(warning);
    if (flags.usage === true) return await withUsage(run, source, indices, display);
    return inspectImage(description, { layers });
  } finally {
    display.finish();
    await source.close();
  }
}

/** The report of the layers of these indices, lowest precedence first, with what reading them tells. */
async function withUsage(
  { settings, signal }: InspectRun,
  source: Source,
  indices: readonly number[],
  display: ProgressDisplay,
): Promise<ImageReport> {
  const image = await source.open();
  try {
    const { spoolFolder, limits } = settings;
    const options = { layers: indices, spoolFolder, limits, signal, onProgress: display.show };
    const usage = await layerUsage(image, options);
    const layers = indices.map((index) => image.description.layers[index]).reverse();
    return inspectImage(image, { layers, usage });
  } finally {
    await image.close();
  }
}

function shown(report: ImageReport, flags: InspectFlags): string {
  if (flags.json === true) return `${JSON.stringify(report, null, 2)}\n`;
  if (flags.quiet === true) return report.layers.map(({ id }) => `${id}\n`).join('');
  // Steps of the history have a place among the layers only where all of these are listed in their order.
  const history = flags.layers === undefined ? report.history : [];
  const newestFirst = flags.reverse === true ? history : history.toReversed();
  return layerTable(report.layers, newestFirst, tableWidth());
}

/** A pipe gets every character; COLUMNS is for those who know better than the terminal does. */
function tableWidth(): number | undefined {
  const { isTTY, columns } = process.stdout;
  return isTTY ? Number(process.env.COLUMNS) || columns : undefined;
}
