import { z } from 'zod';
import { algorithms } from '../compress/compression.ts';

const bytes = z.int().nonnegative();
const count = z.int().nonnegative();
const index = z.int().nonnegative();
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const id = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.string().describe('RFC 3339, as the image says it');

const configSchema = z
  .object({
    user: z.string().optional(),
    env: z.array(z.string()).describe('NAME=VALUE'),
    entrypoint: z.array(z.string()),
    cmd: z.array(z.string()),
    workingDir: z.string().optional(),
    labels: z.record(z.string(), z.string()),
    exposedPorts: z.array(z.string()).describe('PORT/PROTOCOL'),
    volumes: z.array(z.string()),
    stopSignal: z.string().optional(),
  })
  .describe('How the image says it wants to be run');

const usageSchema = z
  .object({
    added: count.describe('Paths that are not in the layers below'),
    changed: count.describe('Paths of the layers below that the layer gives anew'),
    removed: count.describe('Paths of the layers below that are gone behind the layer'),
    wastedBytes: bytes.describe("Bytes of the layer's files that are not in the flattened tree"),
  })
  .describe('What the layer does to the listed ones below it; only where layers were read');

const layerSchema = z.object({
  index: index.describe('0 is the oldest layer of the image'),
  id: id.describe('Names the stack from this layer down; of the newest layer, the image'),
  otherIds: z
    .array(id)
    .optional()
    .describe(
      'Ids of images that are the same stack and differ in their config, where the source knows them',
    ),
  shortId: z.string().describe('The first twelve digits of the id'),
  parent: id.nullable().describe('Id of the layer below in the image; null for the oldest'),
  children: z.array(id).describe('Ids of what lies directly upon the stack, as far as the source knows'),
  tags: z.array(z.string()).describe('That name exactly the stack from this layer down'),
  created: time.optional(),
  createdBy: z.string().optional().describe('The command that made the layer'),
  comment: z.string().optional(),
  size: bytes.describe('As the source keeps the layer; from an engine, bytes of its files'),
  sizeBelow: bytes.describe('Sizes of all listed layers of lower precedence'),
  totalSize: bytes.describe('Those and its own'),
  compression: z.enum(algorithms).optional().describe('By its first bytes, where they are at hand'),
  compressedSize: bytes.optional().describe('Of a compressed layer, as it is stored'),
  uncompressedSize: bytes.optional().describe("Of the layer's tar, where that is known"),
  diffId: digest.describe('Of the uncompressed tar'),
  chainId: digest.describe('Of this layer and all below it in the image'),
  blobDigest: digest.optional().describe('Of the layer as it is stored'),
  mediaType: z.string().optional(),
  usage: usageSchema.optional(),
});

const historySchema = z.object({
  created: time.optional(),
  createdBy: z.string().optional(),
  comment: z.string().optional(),
  author: z.string().optional(),
  emptyLayer: z.boolean().describe('The line made no layer'),
  layer: index.optional().describe('Index of the layer that it made, where lines and layers match'),
});

/** What `dimgx inspect --json` prints and an inspect job results in; plain JSON. docs/cli.md has every field. */
export const imageReportSchema = z.object({
  image: z.object({
    reference: z.string(),
    digest: digest.describe('What the reference is pinned to'),
    configDigest: digest,
    platform: z.string().describe('os/arch[/variant]'),
    repoTags: z.array(z.string()),
    created: time.optional(),
    config: configSchema,
  }),
  layers: z.array(layerSchema).describe('Newest first; chosen ones highest precedence first'),
  history: z.array(historySchema).describe('Oldest first, also the lines that made no layer'),
});

/** What `inspectImage` tells of an image; the fields are described in its schema. */
export type ImageReport = z.output<typeof imageReportSchema>;
/** One layer of an `ImageReport`. */
export type LayerReport = z.output<typeof layerSchema>;
/** One step of the history of an `ImageReport`. */
export type HistoryReport = z.output<typeof historySchema>;
