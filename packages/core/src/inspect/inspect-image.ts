import type { HistoryLine, Image, ImageDescription, LayerDescription } from '../image/image.ts';
import { formatPlatform } from '../image/platform.ts';
import type { HistoryReport, ImageReport, LayerReport } from './image-report.ts';
import type { LayerUsage } from './measure-usage.ts';

/** What is to be reported of an image besides what it says of itself. */
export interface InspectOptions {
  /** Layers of the image, highest precedence first, as `chooseLayers` gives them; without it all, newest first. */
  readonly layers?: readonly LayerDescription[];
  /** Of these layers, lowest precedence first, as `layerUsage` gives it. */
  readonly usage?: readonly LayerUsage[];
}

/**
 * Reports what an image is made of; of an open one, or of one that was only described. Ids, parents and children are
 * those of the image, whatever layers are chosen; sizes below and usage are those of the chosen stack, which is what
 * flattening it takes.
 */
export function inspectImage(image: Image | ImageDescription, options: InspectOptions = {}): ImageReport {
  const description = 'description' in image ? image.description : image;
  const { reference, digest, configDigest, platform, repoTags, created, config, history } = description;
  const { env, entrypoint, cmd, labels, exposedPorts, volumes } = config;
  return {
    image: {
      ...{ reference, digest, configDigest, platform: formatPlatform(platform), repoTags: [...repoTags] },
      ...(created === undefined ? {} : { created }),
      config: {
        ...{ ...config, env: [...env], entrypoint: [...entrypoint], cmd: [...cmd], labels: { ...labels } },
        ...{ exposedPorts: [...exposedPorts], volumes: [...volumes] },
      },
    },
    layers: layerReports(description, options),
    history: historyReports(history, description.layers.length),
  };
}

function layerReports(image: ImageDescription, { layers, usage }: InspectOptions): LayerReport[] {
  const lowestFirst = layers?.toReversed() ?? image.layers;
  let sizeBelow = 0;
  const reports = lowestFirst.map((layer, place) => {
    const report = layerReport(image, layer, sizeBelow, usage?.[place]);
    sizeBelow = report.totalSize;
    return report;
  });
  return reports.reverse();
}

function layerReport(
  { layers }: ImageDescription,
  layer: LayerDescription,
  sizeBelow: number,
  usage: LayerUsage | undefined,
): LayerReport {
  const { index, id, otherIds, tags, size, diffId, chainId, children = [], ...rest } = layer;
  const above = layers[index + 1];
  return {
    ...{ index, id, shortId: id.slice(0, 12), parent: layers[index - 1]?.id ?? null },
    ...(otherIds === undefined ? {} : { otherIds: [...otherIds] }),
    children: above === undefined ? [...children] : [above.id, ...children],
    tags: [...tags],
    ...rest,
    ...{ size, sizeBelow, totalSize: sizeBelow + size },
    ...storedSizes(layer, usage),
    ...{ diffId, chainId },
    ...(usage === undefined ? {} : { usage: countsOf(usage) }),
  };
}

function storedSizes({ compression, size }: LayerDescription, usage: LayerUsage | undefined) {
  const uncompressedSize = compression === 'none' ? size : usage?.uncompressedSize;
  return {
    ...(compression === undefined || compression === 'none' ? {} : { compressedSize: size }),
    ...(uncompressedSize === undefined ? {} : { uncompressedSize }),
  };
}

function countsOf({ added, changed, removed, wastedBytes }: LayerUsage): NonNullable<LayerReport['usage']> {
  return { added, changed, removed, wastedBytes };
}

/** The lines with the layers that they made, if they made as many as there are. */
function historyReports(history: readonly HistoryLine[], layers: number): HistoryReport[] {
  const match = history.filter(({ emptyLayer }) => !emptyLayer).length === layers;
  let layer = 0;
  return history.map((line) => (match && !line.emptyLayer ? { ...line, layer: layer++ } : { ...line }));
}
