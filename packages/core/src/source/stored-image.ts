import { DimgxError } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import { formatPlatform, type Platform, platformMatches } from '../image/platform.ts';
import { quoted } from './content.ts';
import type { ImageConfig } from './image-config.ts';

/** One of the images that an archive or a layout holds, perhaps for several platforms. */
export interface StoredImage {
  /** Its tags, and the OCI reference names it goes by. */
  readonly names: readonly string[];
  /** Digests of its manifest, index or config: the start of one chooses it. */
  readonly digests: readonly string[];
  /** Reads its documents; `wanted` is the platform that was asked for, if one was. */
  read(wanted: Platform | undefined): Promise<ImageRecord>;
}

/** What is known of one image of one platform before its content is at hand. */
export interface ImageFacts {
  readonly digest: Digest;
  readonly configDigest: Digest;
  /** 64 hex digits, where the image is not named by its config. */
  readonly id?: string;
  /** As docker prints tags. */
  readonly repoTags: readonly string[];
  readonly config: ImageConfig;
  /** Oldest first. */
  readonly layers: readonly LayerFacts[];
  /** Stacks of layers that have names or ids of their own, by chain id. */
  readonly stacks?: ReadonlyMap<string, StackName>;
}

export interface LayerFacts {
  readonly digest?: Digest;
  readonly mediaType?: string;
}

/** One image of one platform, as documents beside its content describe it. */
export interface ImageRecord extends ImageFacts {
  readonly layers: readonly LayerRecord[];
}

export interface LayerRecord extends LayerFacts {
  /** Where its documents say that it is. */
  readonly path: string;
  /** Bytes, where a document says so. */
  readonly size?: number;
  /** Where others may fetch it: for layers that must not be distributed with the image. */
  readonly urls?: readonly string[];
}

export interface StackName {
  /** 64 hex digits. */
  readonly id?: string;
  readonly tags: readonly string[];
  /** All ids that it goes by, oldest first. */
  readonly ids?: readonly string[];
  /** Ids of what other images have directly upon it. */
  readonly children?: readonly string[];
}

/** More layers than any engine can mount. */
export const MAX_LAYERS = 5000;

/**
 * Checks that an image's documents agree, and that it is of the platform that was asked for.
 *
 * Throws `MANIFEST_INVALID`, `LIMIT_EXCEEDED` or `PLATFORM_NOT_FOUND`.
 */
export function checkRecord(label: string, record: ImageRecord, wanted: Platform | undefined): void {
  const { layers, config } = record;
  if (layers.length !== config.diffIds.length) {
    throw new DimgxError(
      'MANIFEST_INVALID',
      `${label}: the image has ${layers.length} layers, but its config tells of ${config.diffIds.length}`,
    );
  }
  if (layers.length > MAX_LAYERS) {
    throw new DimgxError('LIMIT_EXCEEDED', `${label}: the image has more than ${MAX_LAYERS} layers`);
  }
  if (wanted !== undefined && !platformMatches(wanted, config.platform)) {
    const offered = quoted(formatPlatform(config.platform));
    throw new DimgxError(
      'PLATFORM_NOT_FOUND',
      `${label}: the image is for ${offered}, not for ${formatPlatform(wanted)}`,
    );
  }
}
