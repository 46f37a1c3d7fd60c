import type { ExecutionConfig, HistoryLine, ImageDescription, LayerDescription } from '../image/image.ts';
import { formatPlatform } from '../image/platform.ts';

/** What `dimgx inspect --json` prints and an inspect job results in; plain JSON. */
export interface ImageReport {
  readonly image: {
    readonly reference: string;
    readonly digest: string;
    readonly configDigest: string;
    /** `os/arch[/variant]`. */
    readonly platform: string;
    readonly repoTags: readonly string[];
    /** RFC 3339, as the image says it. */
    readonly created?: string;
    readonly config: ExecutionConfig;
  };
  /** Newest first; chosen ones highest precedence first. */
  readonly layers: readonly LayerReport[];
  /** Oldest first, also the lines that made no layer. */
  readonly history: readonly HistoryLine[];
}

export interface LayerReport {
  /** 0 is the oldest layer of the image. */
  readonly index: number;
  /** 64 hex digits that name the stack from this layer down. */
  readonly id: string;
  /** The first twelve of them. */
  readonly shortId: string;
  /** The id of the layer below, in the image; null for the oldest. */
  readonly parent: string | null;
  readonly tags: readonly string[];
  readonly created?: string;
  readonly createdBy?: string;
  readonly comment?: string;
  /** Bytes as the source keeps the layer, compressed or not. */
  readonly size: number;
  /** Bytes of all layers of the image below this one. */
  readonly sizeBelow: number;
  /** The same and this layer's own. */
  readonly totalSize: number;
  readonly diffId: string;
  readonly chainId: string;
  readonly blobDigest?: string;
  readonly mediaType?: string;
}

/**
 * Reports what an image is made of. `chosen` are layers of the image, as `chooseLayers` gives them; what is said of
 * each is its place in the image, whatever else is chosen.
 */
export function inspectImage(image: ImageDescription, chosen?: readonly LayerDescription[]): ImageReport {
  const { reference, digest, configDigest, platform, repoTags, created, config, history } = image;
  const reports = layerReports(image.layers);
  const layers = chosen === undefined ? reports.toReversed() : chosen.map(({ index }) => reports[index]);
  const facts = { reference, digest, configDigest, platform: formatPlatform(platform), repoTags };
  return { image: { ...facts, ...(created === undefined ? {} : { created }), config }, layers, history };
}

function layerReports(layers: readonly LayerDescription[]): LayerReport[] {
  let sizeBelow = 0;
  return layers.map((layer, index) => {
    const report = {
      ...layer,
      shortId: layer.id.slice(0, 12),
      parent: index === 0 ? null : layers[index - 1].id,
      sizeBelow,
      totalSize: sizeBelow + layer.size,
    };
    sizeBelow = report.totalSize;
    return report;
  });
}
