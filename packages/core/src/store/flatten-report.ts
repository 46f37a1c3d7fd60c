import { z } from 'zod';
import { algorithms } from '../compress/compression.ts';
import type { FlattenOutcome } from '../flatten/flatten-result.ts';
import type { ImageDescription, LayerDescription } from '../image/image.ts';
import { formatPlatform } from '../image/platform.ts';
import { dimgxVersion } from '../version.ts';

const bytes = z.int().nonnegative();
const count = z.int().nonnegative();
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** What came of a flatten: the output of `--json`, a job's result, and, with its fingerprint, the sidecar. */
export const flattenReportSchema = z.object({
  image: z.object({
    reference: z.string(),
    digest,
    configDigest: digest,
    platform: z.string().describe('os/arch[/variant]'),
    repoTags: z.array(z.string()),
  }),
  layers: z
    .array(
      z.object({
        index: count.describe('0 is the oldest layer of the image'),
        id: z.string(),
        diffId: digest,
        size: bytes,
        createdBy: z.string().optional(),
      }),
    )
    .describe('The chosen layers, highest precedence first'),
  artifact: z.object({
    key: z.string(),
    url: z.string().optional(),
    mediaType: z.string(),
    compression: z.enum(algorithms),
    level: z.int().nullable().describe('null where the algorithm has no levels'),
    size: bytes,
    sha256: digest,
    uncompressedSize: bytes,
    diffId: digest.describe('Of the uncompressed tar'),
  }),
  entries: z.object({
    files: count,
    directories: count,
    symlinks: count,
    hardlinks: count,
    devices: count,
    removed: count,
    shadowed: count,
  }),
  cached: z.boolean().describe('The store had the artifact already'),
  durationMs: z.number().nonnegative(),
  dimgxVersion: z.string(),
});

/** What `flattenReportSchema` describes. */
export type FlattenReport = z.output<typeof flattenReportSchema>;

/** What a report is made of. */
export interface FinishedFlatten {
  readonly image: ImageDescription;
  /** As in `FlattenOptions`: indices, lowest precedence first; without it, all. */
  readonly layers?: readonly number[];
  readonly outcome: FlattenOutcome;
  /** Where the artifact is: its key in the store, or the path of the command's target. */
  readonly key: string;
  readonly durationMs: number;
}

/** The report on a flattening that has ended; `cached` is false. */
export function flattenReport({ image, layers, outcome, key, durationMs }: FinishedFlatten): FlattenReport {
  const { reference, digest, configDigest, platform, repoTags } = image;
  return {
    image: { reference, digest, configDigest, platform: formatPlatform(platform), repoTags: [...repoTags] },
    layers: chosenLayers(image, layers).map(layerReport),
    artifact: { key, ...outcome.tar },
    entries: outcome.entries,
    cached: false,
    durationMs,
    dimgxVersion,
  };
}

function chosenLayers(image: ImageDescription, layers: readonly number[] | undefined): LayerDescription[] {
  const lowestFirst = layers === undefined ? image.layers : layers.map((index) => image.layers[index]);
  return lowestFirst.filter((layer) => layer !== undefined).toReversed();
}

function layerReport({ index, id, diffId, size, createdBy }: LayerDescription) {
  return { index, id, diffId, size, ...(createdBy === undefined ? {} : { createdBy }) };
}
