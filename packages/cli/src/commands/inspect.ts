import { chooseLayers, inspectImage } from '@dimgx/core';
import { imageSource, readImageSettings } from './image-source.ts';
import type { InspectFlags } from './inspect-options.ts';
import { layerTable } from './layer-table.ts';
import { warn, warnOfUnknownVariables } from './warnings.ts';

/** `dimgx inspect`: prints what the image is made of. */
export async function inspect(reference: string, flags: InspectFlags, signal: AbortSignal): Promise<void> {
  const settings = readImageSettings();
  warnOfUnknownVariables();
  const { layers: specs = [], reverse = false, strict = false, platform } = flags;
  const source = imageSource({ ...settings, reference, platform, signal });
  try {
    const image = await source.describe();
    const chosen = chooseLayers(image, { specs, reverse, strict });
    for (const warning of chosen.warnings) warn(warning);
    const report = inspectImage(image, chosen.layers);
    if (flags.json === true) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else if (flags.quiet === true) process.stdout.write(report.layers.map(({ id }) => `${id}\n`).join(''));
    else
      process.stdout.write(
        layerTable(report.layers, process.stdout.isTTY ? process.stdout.columns : undefined),
      );
  } finally {
    await source.close();
  }
}
