import { type ArchiveFiles, type ArchiveOptions, archiveOf, json } from './archive-files.ts';
import { imageManifest, layoutMarker, ociIndexType, ociManifestType } from './oci-manifest.ts';
import { hexOf, type ImageSpec, sha256, type TestImage, testImage } from './test-image.ts';

/** One image, or several below an index, which may hold further indexes. */
export type OciContent = ImageSpec | IndexSpec;

export interface IndexSpec {
  readonly index: readonly OciContent[];
  /** `ref.name`s of the index, where it stands at the top. */
  readonly tags?: readonly string[];
  /** Adds for each image a provenance manifest, as BuildKit does: platform `unknown/unknown`. */
  readonly attestations?: boolean;
  /** Images of these architectures are listed, but their blobs are left out, as in containerd's image store. */
  readonly absent?: readonly string[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** OCI image-layout.md. */
export function ociLayoutFiles(content: OciContent | readonly OciContent[]): ArchiveFiles {
  const blobs: ArchiveFiles = new Map();
  const top = 'layers' in content || 'index' in content ? [content] : content;
  const manifests = top.flatMap((each) => named(descriptorOf(each, blobs, []), each.tags ?? []));
  return new Map([
    ['oci-layout', layoutMarker],
    ['index.json', json({ schemaVersion: 2, mediaType: ociIndexType, manifests })],
    ...blobs,
  ]);
}

export function ociArchive(content: OciContent | readonly OciContent[], options?: ArchiveOptions): Buffer {
  return archiveOf(ociLayoutFiles(content), options);
}

function named(descriptor: Descriptor, names: readonly string[]): Descriptor[] {
  if (names.length === 0) return [descriptor];
  return names.map((name) => ({ ...descriptor, annotations: { 'org.opencontainers.image.ref.name': name } }));
}

function descriptorOf(content: OciContent, blobs: ArchiveFiles, absent: readonly string[]): Descriptor {
  return 'index' in content
    ? indexDescriptor(content, blobs)
    : imageDescriptor(testImage(content), blobs, absent);
}

function imageDescriptor(image: TestImage, blobs: ArchiveFiles, absent: readonly string[]): Descriptor {
  const manifest = imageManifest(image);
  if (!absent.includes(image.platform.architecture)) {
    for (const bytes of [...image.layers.map(({ blob }) => blob), image.config, manifest]) put(blobs, bytes);
  }
  return { ...descriptorFor(manifest, ociManifestType), platform: image.platform };
}

function indexDescriptor(spec: IndexSpec, blobs: ArchiveFiles): Descriptor {
  const manifests: Descriptor[] = [];
  for (const content of spec.index) {
    const descriptor = descriptorOf(content, blobs, spec.absent ?? []);
    manifests.push(descriptor);
    if (spec.attestations === true) manifests.push(attestationOf(descriptor, blobs));
  }
  const index = json({ schemaVersion: 2, mediaType: ociIndexType, manifests });
  put(blobs, index);
  return descriptorFor(index, ociIndexType);
}

function attestationOf(subject: Descriptor, blobs: ArchiveFiles): Descriptor {
  const statement = json({
    _type: 'https://in-toto.io/Statement/v0.1',
    subject: [{ digest: subject.digest }],
  });
  const image: TestImage = {
    ...testImage({ layers: [], platform: { os: 'unknown', architecture: 'unknown' } }),
    layers: [
      {
        ...{ tar: statement, blob: statement, diffId: sha256(statement), digest: sha256(statement) },
        ...{ mediaType: 'application/vnd.in-toto+json', createdBy: '' },
      },
    ],
  };
  const annotations = {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': subject.digest,
  };
  return { ...imageDescriptor(image, blobs, []), annotations };
}

function descriptorFor(bytes: Buffer, mediaType: string): Descriptor {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}

function put(blobs: ArchiveFiles, bytes: Buffer): void {
  blobs.set(`blobs/sha256/${hexOf(sha256(bytes))}`, bytes);
}
