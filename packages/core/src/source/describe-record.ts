import { compressionOfRegion } from '../compress/decompress.ts';
import { DimgxError } from '../errors.ts';
import { chainIds, digestHex } from '../image/digest.ts';
import type { FileRegion } from '../image/file-region.ts';
import type { HistoryLine, ImageDescription, LayerBlob, LayerDescription } from '../image/image.ts';
import { type Content, quoted } from './content.ts';
import type { ImageFacts, ImageRecord } from './stored-image.ts';

/** A layer as it is stored. */
export type StoredLayer = Pick<LayerDescription, 'size' | 'compression'>;

/** What an image's documents say, and how its layers are stored in the source. */
export function describeRecord(
  record: ImageFacts,
  stored: readonly StoredLayer[],
  reference: string,
): ImageDescription {
  const { digest, configDigest, repoTags, config } = record;
  const { platform, created, execution, history } = config;
  return {
    reference,
    digest,
    configDigest,
    platform,
    repoTags,
    ...(created === undefined ? {} : { created }),
    config: execution,
    history,
    layers: describeLayers(record, stored),
  };
}

function describeLayers(record: ImageFacts, stored: readonly StoredLayer[]): LayerDescription[] {
  const { config, configDigest, repoTags, stacks } = record;
  const chain = chainIds(config.diffIds);
  const lines = layerLines(config.history, config.diffIds.length);
  const newest = config.diffIds.length - 1;
  return config.diffIds.map((diffId, index) => {
    const { digest, mediaType } = record.layers[index];
    const stack = stacks?.get(chain[index]);
    const whole = index === newest ? { id: record.id ?? digestHex(configDigest), tags: repoTags } : undefined;
    const { id = digestHex(chain[index]), tags = [] } = whole ?? stack ?? {};
    const otherIds = stack?.ids?.filter((other) => other !== id) ?? [];
    return {
      index,
      id,
      ...(otherIds.length === 0 ? {} : { otherIds }),
      diffId,
      chainId: chain[index],
      ...stored[index],
      ...(digest === undefined ? {} : { blobDigest: digest }),
      ...(mediaType === undefined ? {} : { mediaType }),
      ...lineOf(lines?.[index]),
      tags,
      ...(stack?.children === undefined ? {} : { children: stack.children }),
    };
  });
}

/** How each layer is stored; one that the content lacks, as a document tells of it. Throws `BLOB_MISSING`. */
export async function storedLayers(content: Content, record: ImageRecord): Promise<StoredLayer[]> {
  const stored: StoredLayer[] = [];
  for (const [index, { path, size }] of record.layers.entries()) {
    const region = await content.find(path);
    stored.push(
      region === undefined ? { size: size ?? missingLayer(content, record, index) } : storedLayer(region),
    );
  }
  return stored;
}

export function storedLayer(region: FileRegion): StoredLayer {
  return { size: region.size, compression: compressionOfRegion(region) };
}

/** The history's lines that made a layer; undefined if there are not as many as layers. */
function layerLines(history: readonly HistoryLine[], layers: number): HistoryLine[] | undefined {
  const lines = history.filter(({ emptyLayer }) => !emptyLayer);
  return lines.length === layers ? lines : undefined;
}

function lineOf(line: HistoryLine | undefined): Pick<LayerDescription, 'created' | 'createdBy' | 'comment'> {
  return {
    ...(line?.created === undefined ? {} : { created: line.created }),
    ...(line?.createdBy === undefined ? {} : { createdBy: line.createdBy }),
    ...(line?.comment === undefined ? {} : { comment: line.comment }),
  };
}

/**
 * Where each layer's bytes are.
 *
 * Throws `BLOB_MISSING`, `ARCHIVE_TRUNCATED` or `DIGEST_MISMATCH` where one is not of the size that it should be.
 */
export async function layerBlobs(content: Content, record: ImageRecord): Promise<LayerBlob[]> {
  const blobs: LayerBlob[] = [];
  for (const [index, diffId] of record.config.diffIds.entries()) {
    const { path, digest, size } = record.layers[index];
    const region: FileRegion = (await content.find(path)) ?? missingLayer(content, record, index);
    if (size !== undefined && size !== region.size) {
      throw new DimgxError(
        'DIGEST_MISMATCH',
        `${content.label}: layer ${quoted(path)} has ${region.size} bytes, its manifest says ${size}`,
      );
    }
    blobs.push({ ...region, diffId, ...(digest === undefined ? {} : { digest }) });
  }
  return blobs;
}

function missingLayer(content: Content, { layers, config }: ImageRecord, index: number): never {
  const { path, urls } = layers[index];
  const what = `layer ${index} of ${layers.length}, ${config.diffIds[index]}`;
  if (urls === undefined) throw content.missing(path, what);
  const places = urls.slice(0, 3).map(quoted).join(', ');
  throw new DimgxError(
    'BLOB_MISSING',
    `${content.label} lacks ${what}: it may not be distributed with the image, only fetched from ${places}`,
  );
}
