import { createHash } from 'node:crypto';
import { compressed, type TestCompression } from './compressed.ts';
import { Layer } from './layer.ts';

/** A layer as a test gives it: its tar, or more. */
export type LayerSpec = Layer | Buffer | DetailedLayer;

export interface DetailedLayer {
  readonly tar: Layer | Buffer;
  readonly compression?: TestCompression;
  /** The bytes as stored, where no single compressor makes them (several frames, trailing zeros). */
  readonly blob?: Buffer;
  /** What the manifest says, true or not. */
  readonly mediaType?: string;
  /** What the config says, true or not. */
  readonly diffId?: string;
  readonly createdBy?: string;
}

export interface ImageSpec {
  /** Oldest first. */
  readonly layers: readonly LayerSpec[];
  /** `NAME:TAG`. */
  readonly tags?: readonly string[];
  readonly platform?: { readonly os?: string; readonly architecture: string; readonly variant?: string };
  /** The execution parameters: `Env`, `Cmd`, … */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Instead of one line for each layer. */
  readonly history?: readonly Readonly<Record<string, unknown>>[];
  readonly created?: string;
}

export interface TestLayer {
  readonly tar: Buffer;
  readonly diffId: string;
  readonly blob: Buffer;
  readonly digest: string;
  readonly mediaType: string;
  readonly createdBy: string;
}

/** An image worked out: what every form of archive is made from. */
export interface TestImage {
  readonly layers: readonly TestLayer[];
  readonly config: Buffer;
  readonly configDigest: string;
  readonly tags: readonly string[];
  readonly platform: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly created: string;
}

/** Works an image out; one that is worked out already stays as it is. */
export function testImage(spec: ImageSpec | TestImage): TestImage {
  if ('configDigest' in spec) return spec;
  const layers = spec.layers.map(testLayer);
  const platform = { os: 'linux', architecture: 'amd64', ...spec.platform };
  const created = spec.created ?? '2020-01-01T00:00:00Z';
  const history = spec.history ?? layers.map(({ createdBy }) => ({ created, created_by: createdBy }));
  const rootfs = { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) };
  const config = Buffer.from(
    JSON.stringify({ ...platform, created, config: spec.config ?? {}, rootfs, history }),
  );
  return { layers, config, configDigest: sha256(config), tags: spec.tags ?? [], platform, created };
}

function testLayer(spec: LayerSpec, index: number): TestLayer {
  const details: DetailedLayer = spec instanceof Layer || Buffer.isBuffer(spec) ? { tar: spec } : spec;
  const tar = details.tar instanceof Layer ? details.tar.tar() : details.tar;
  const compression = details.compression ?? 'none';
  const blob = details.blob ?? compressed(tar, compression);
  return {
    tar,
    blob,
    diffId: details.diffId ?? sha256(tar),
    digest: sha256(blob),
    mediaType: details.mediaType ?? mediaTypeOf(compression),
    createdBy: details.createdBy ?? `step ${index + 1}`,
  };
}

function mediaTypeOf(compression: TestCompression): string {
  const plain = 'application/vnd.oci.image.layer.v1.tar';
  return compression === 'none' ? plain : `${plain}+${compression}`;
}

/** `sha256:` and the hex digits. */
export function sha256(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The hex digits of a digest. */
export function hexOf(digest: string): string {
  return digest.slice('sha256:'.length);
}
