import { z } from 'zod';
import { DimgxError } from '../errors.ts';
import { type Digest, digestHex, digestOf, isDigest } from '../image/digest.ts';
import { formatPlatform, type Platform } from '../image/platform.ts';
import { type Content, quoted } from './content.ts';
import { given } from './image-config.ts';
import { parseDocument } from './json-document.ts';

const descriptorSchema = z.object({
  mediaType: z.string().nullish(),
  digest: z.string(),
  size: z.number().int().nonnegative(),
  urls: z.array(z.string()).nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
  platform: z
    .object({ os: z.string(), architecture: z.string(), variant: z.string().nullish() })
    .nullish()
    .catch(undefined),
});

/** OCI descriptor.md. Its digest may be of an algorithm that is not read here. */
export type Descriptor = z.infer<typeof descriptorSchema>;

/** OCI image-index.md and Docker's manifest list. Some engines write null for no manifests. */
const indexSchema = z.object({ manifests: z.array(descriptorSchema).nullish() });

/** OCI manifest.md and Docker's image manifest, schema 2. */
const manifestSchema = z.object({
  config: descriptorSchema,
  layers: z.array(descriptorSchema).nullish(),
});

const kindSchema = z.object({
  manifests: z.unknown().optional(),
  layers: z.unknown().optional(),
  config: z.unknown().optional(),
  fsLayers: z.unknown().optional(),
});

export type OciDocument =
  | { readonly kind: 'index'; readonly manifests: readonly Descriptor[] }
  | { readonly kind: 'manifest'; readonly config: Descriptor; readonly layers: readonly Descriptor[] };

/** The descriptors of `index.json`; undefined if there is none or it names nothing. OCI image-layout.md. */
export async function readTopIndex(content: Content): Promise<readonly Descriptor[] | undefined> {
  const bytes = await content.read('index.json');
  if (bytes === undefined) return undefined;
  return parseDocument(bytes, indexSchema, `${content.label}: index.json`).manifests ?? undefined;
}

/** The manifest or index that the descriptor points to, by what it holds, not by what its media type says. */
export async function readOciDocument(content: Content, descriptor: Descriptor): Promise<OciDocument> {
  const what = `${content.label}: manifest ${quoted(descriptor.digest)}`;
  const bytes = await readVerified(content, descriptor, 'a manifest');
  const { manifests, layers, config, fsLayers } = parseDocument(bytes, kindSchema, what);
  if (manifests !== undefined && (layers !== undefined || config !== undefined)) {
    // Readers would disagree on what it is. CVE-2021-41190.
    throw new DimgxError('MANIFEST_INVALID', `${what} is both an index and a manifest`);
  }
  if (fsLayers !== undefined && config === undefined) {
    throw new DimgxError('MANIFEST_INVALID', `${what} is of Docker's old schema 1, which names no config`);
  }
  if (manifests !== undefined) {
    return { kind: 'index', manifests: parseDocument(bytes, indexSchema, what).manifests ?? [] };
  }
  const manifest = parseDocument(bytes, manifestSchema, what);
  return { kind: 'manifest', config: manifest.config, layers: manifest.layers ?? [] };
}

/** A small blob, checked against its digest. */
export async function readVerified(content: Content, descriptor: Descriptor, what: string): Promise<Buffer> {
  const digest = digestOfDescriptor(content, descriptor);
  const path = blobPath(digest);
  const bytes = await content.read(path);
  if (bytes === undefined) throw content.missing(path, what);
  if (digestOf(bytes) !== digest) {
    throw new DimgxError('DIGEST_MISMATCH', `${content.label}: the bytes of ${path} don't have that digest`);
  }
  return bytes;
}

export function digestOfDescriptor(content: Content, { digest }: Descriptor): Digest {
  if (isDigest(digest)) return digest;
  throw new DimgxError('MANIFEST_INVALID', `${content.label}: ${quoted(digest)} is no sha256 digest`);
}

/** OCI image-layout.md, Blobs. */
export function blobPath(digest: Digest): string {
  return `blobs/sha256/${digestHex(digest)}`;
}

export async function isPresent(content: Content, { digest }: Descriptor): Promise<boolean> {
  return isDigest(digest) && (await content.find(blobPath(digest))) !== undefined;
}

export function platformOfDescriptor({ platform }: Descriptor): Platform | undefined {
  if (platform === undefined || platform === null) return undefined;
  return { os: platform.os, architecture: platform.architecture, ...given({ variant: platform.variant }) };
}

/** BuildKit puts the provenance of an image beside it, as if it were one more platform. */
export function isAttestation(descriptor: Descriptor): boolean {
  if (descriptor.annotations?.['vnd.docker.reference.type'] !== undefined) return true;
  const platform = platformOfDescriptor(descriptor);
  return platform !== undefined && formatPlatform(platform) === 'unknown/unknown';
}

export function isIndexType({ mediaType }: Descriptor): boolean {
  return (
    mediaType === 'application/vnd.oci.image.index.v1+json' ||
    mediaType === 'application/vnd.docker.distribution.manifest.list.v2+json'
  );
}
