import { DimgxError } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import { formatPlatform, hostPlatform, type Platform, platformMatches } from '../image/platform.ts';
import { type Content, quoted } from './content.ts';
import {
  type Descriptor,
  digestOfDescriptor,
  isAttestation,
  isIndexType,
  isPresent,
  type OciDocument,
  platformOfDescriptor,
  readOciDocument,
} from './oci-documents.ts';

export interface ChosenManifest {
  readonly digest: Digest;
  readonly manifest: OciDocument & { kind: 'manifest' };
}

const MAX_DEPTH = 4;
const MAX_MANIFESTS = 10_000;

/**
 * The manifest of the platform that is wanted; without a wish the only one there is, else this machine's.
 *
 * Throws `PLATFORM_NOT_FOUND`, `MANIFEST_INVALID`, `BLOB_MISSING`, `DIGEST_MISMATCH` or `LIMIT_EXCEEDED`.
 */
export async function chooseManifest(
  content: Content,
  descriptors: readonly Descriptor[],
  wanted: Platform | undefined,
  depth = 0,
): Promise<ChosenManifest> {
  const manifests = await manifestsBelow(content, descriptors, depth);
  const chosen = await choosePlatform(content, manifests, wanted);
  const document = await readOciDocument(content, chosen);
  // A descriptor's media type may say manifest, or nothing, where an index lies.
  if (document.kind === 'index') return chooseManifest(content, document.manifests, wanted, depth + 1);
  return { digest: digestOfDescriptor(content, chosen), manifest: document };
}

/** All manifests of a tree of indexes, except attestations. Indexes that are not there belong to absent platforms. */
export async function manifestsBelow(
  content: Content,
  descriptors: readonly Descriptor[],
  depth = 0,
): Promise<Descriptor[]> {
  if (depth > MAX_DEPTH) throw tooMany(content, `indexes more than ${MAX_DEPTH} deep`);
  const manifests: Descriptor[] = [];
  for (const descriptor of descriptors) {
    if (isAttestation(descriptor)) continue;
    if (!isIndexType(descriptor)) {
      manifests.push(descriptor);
    } else if (descriptors.length === 1 || (await isPresent(content, descriptor))) {
      const document = await readOciDocument(content, descriptor);
      if (document.kind === 'manifest') manifests.push(descriptor);
      else manifests.push(...(await manifestsBelow(content, document.manifests, depth + 1)));
    }
    if (manifests.length > MAX_MANIFESTS) throw tooMany(content, `more than ${MAX_MANIFESTS} manifests`);
  }
  return manifests;
}

function tooMany(content: Content, what: string): DimgxError {
  return new DimgxError('LIMIT_EXCEEDED', `${content.label} has ${what}`);
}

async function choosePlatform(
  content: Content,
  manifests: readonly Descriptor[],
  wanted: Platform | undefined,
): Promise<Descriptor> {
  const [first] = manifests;
  if (first === undefined)
    throw new DimgxError('MANIFEST_INVALID', `${content.label}: its index names no image`);
  if (wanted !== undefined) return bestMatch(manifests, wanted) ?? refuse(content, manifests, wanted);
  if (manifests.length === 1) return first;
  const present: Descriptor[] = [];
  for (const manifest of manifests) if (await isPresent(content, manifest)) present.push(manifest);
  if (present.length === 1 && present[0] !== undefined) return present[0];
  const host = hostPlatform(process.arch);
  return bestMatch(manifests, host) ?? refuse(content, manifests, host);
}

/** One without a platform is decided by its config, and comes after those that have one. */
function bestMatch(manifests: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  const matching = (descriptor: Descriptor): boolean => {
    const platform = platformOfDescriptor(descriptor);
    return platform !== undefined && platformMatches(wanted, platform);
  };
  return (
    manifests.find(matching) ?? manifests.find((manifest) => platformOfDescriptor(manifest) === undefined)
  );
}

function refuse(content: Content, manifests: readonly Descriptor[], wanted: Platform): never {
  const offered = new Set(
    manifests.map((manifest) => {
      const platform = platformOfDescriptor(manifest);
      return platform === undefined ? 'an unnamed one' : quoted(formatPlatform(platform));
    }),
  );
  const list = [...offered].slice(0, 20).join(', ');
  throw new DimgxError(
    'PLATFORM_NOT_FOUND',
    `${content.label}: the image is not for ${formatPlatform(wanted)}; it is for ${list}`,
  );
}
