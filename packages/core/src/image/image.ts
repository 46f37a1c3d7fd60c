import type { ChainId, DiffId, Digest } from './digest.ts';
import type { FileRegion } from './file-region.ts';
import type { Platform } from './platform.ts';

/** One layer of an image, without its content. */
export interface LayerDescription {
  /** 0 is the oldest. */
  readonly index: number;
  /**
   * Names the stack from this layer down, without `sha256:`: the image's id for the newest layer, the engine's or
   * the legacy image's id where one is known, else the chain id.
   */
  readonly id: string;
  readonly diffId: DiffId;
  readonly chainId: ChainId;
  /** Bytes as stored in the source, compressed or not; where an engine tells only that, those of its files. */
  readonly size: number;
  /** What those bytes are compressed with; undefined where they are not at hand. */
  readonly compression?: 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';
  readonly blobDigest?: Digest;
  readonly mediaType?: string;
  /** RFC 3339, as the image says it. */
  readonly created?: string;
  /** The history's command line. OCI config.md, `history.created_by`. */
  readonly createdBy?: string;
  readonly comment?: string;
  /** Tags that name exactly the stack from this layer down. */
  readonly tags: readonly string[];
  /** Ids of other images that are this stack and differ in their config alone, where the source knows of them. */
  readonly otherIds?: readonly string[];
  /** Ids of other images that lie directly upon this stack, where the source knows of them. */
  readonly children?: readonly string[];
}

/** One line of the image's history, also the lines that made no layer. OCI config.md, `history`. */
export interface HistoryLine {
  readonly created?: string;
  readonly createdBy?: string;
  readonly comment?: string;
  readonly author?: string;
  readonly emptyLayer: boolean;
}

/** The execution parameters that people look for. OCI config.md, `config`. */
export interface ExecutionConfig {
  readonly user?: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDir?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly stopSignal?: string;
}

/** What an image says of itself, without its content. */
export interface ImageDescription {
  /** The reference as the user gave it, with its transport. */
  readonly reference: string;
  /** What the reference is pinned to: the manifest's digest where one is known, else the config's. */
  readonly digest: Digest;
  readonly configDigest: Digest;
  readonly platform: Platform;
  readonly repoTags: readonly string[];
  readonly created?: string;
  readonly config: ExecutionConfig;
  readonly history: readonly HistoryLine[];
  /** Oldest first. */
  readonly layers: readonly LayerDescription[];
}

/**
 * A layer's bytes as stored, perhaps compressed, not yet verified. The file may have no name any more, so it is
 * passed on as its descriptor, which is valid in every thread.
 */
export interface LayerBlob extends FileRegion {
  /** Expected digest of these bytes, where the source knows one. */
  readonly digest?: Digest;
  /** Expected digest of the uncompressed bytes. */
  readonly diffId: DiffId;
}

/** An image with its content at hand. Whoever opened it closes it; closing twice is harmless. */
export interface Image {
  readonly description: ImageDescription;
  /** As `description.layers`, oldest first. */
  readonly blobs: readonly LayerBlob[];
  close(): Promise<void>;
}
