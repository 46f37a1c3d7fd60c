import type { Algorithm } from './job-request.ts';

/** What an image is made of: the result of an inspect job. Times are as the image says them, sizes bytes. */
export interface ImageReport {
  readonly image: InspectedImage;
  /** Newest first; chosen ones highest precedence first. */
  readonly layers: readonly InspectedLayer[];
  /** Oldest first, also the steps that made no layer. */
  readonly history: readonly HistoryStep[];
}

/** What holds for the image as a whole. */
export interface InspectedImage {
  readonly reference: string;
  /** What the reference was pinned to. */
  readonly digest: string;
  readonly configDigest: string;
  /** `os/arch[/variant]`. */
  readonly platform: string;
  readonly repoTags: readonly string[];
  readonly created?: string;
  readonly config: ImageConfig;
}

/** How the image says it wants to be run. */
export interface ImageConfig {
  readonly user?: string;
  /** `NAME=VALUE`. */
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDir?: string;
  readonly labels: { readonly [name: string]: string };
  /** `PORT/PROTOCOL`. */
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly stopSignal?: string;
}

/** One layer of the image. */
export interface InspectedLayer {
  /** 0 is the oldest layer of the image. */
  readonly index: number;
  /** Names the stack from this layer down; of the newest layer, the image. */
  readonly id: string;
  /** Ids of images that are the same stack and differ in their config, where an engine knows them. */
  readonly otherIds?: readonly string[];
  /** The first twelve digits of the id. */
  readonly shortId: string;
  /** Id of the layer below in the image; null for the oldest. */
  readonly parent: string | null;
  /** Ids of what lies directly upon the stack, as far as the source knows. */
  readonly children: readonly string[];
  /** Tags that name exactly the stack from this layer down. */
  readonly tags: readonly string[];
  readonly created?: string;
  /** The command that made the layer. */
  readonly createdBy?: string;
  readonly comment?: string;
  /** As the source keeps the layer; from an engine, bytes of its files. */
  readonly size: number;
  /** Of all listed layers of lower precedence; `totalSize` has its own with them. */
  readonly sizeBelow: number;
  readonly totalSize: number;
  readonly compression?: Algorithm;
  /** Of a compressed layer, as it is stored. */
  readonly compressedSize?: number;
  readonly uncompressedSize?: number;
  /** Digest of the uncompressed tar. */
  readonly diffId: string;
  /** Of this layer and all below it in the image. */
  readonly chainId: string;
  /** Digest of the layer as it is stored. */
  readonly blobDigest?: string;
  readonly mediaType?: string;
  /** What the layer does to the listed ones below it; only where layers were read. */
  readonly usage?: LayerUsage;
}

/** Paths that a layer adds, gives anew and takes away, and bytes of its files that are not in the flattened tree. */
export interface LayerUsage {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly wastedBytes: number;
}

/** One step by which the image was made. */
export interface HistoryStep {
  readonly created?: string;
  readonly createdBy?: string;
  readonly comment?: string;
  readonly author?: string;
  /** The step made no layer. */
  readonly emptyLayer: boolean;
  /** Index of the layer that it made, where steps and layers match. */
  readonly layer?: number;
}
