import { digestHex } from '../image/digest.ts';
import { familiarName, parseImageName } from '../image/image-name.ts';
import { formatPlatform, type Platform } from '../image/platform.ts';
import { type ChosenManifest, chooseManifest, manifestsBelow } from './choose-manifest.ts';
import type { Content } from './content.ts';
import { parseImageConfig } from './image-config.ts';
import {
  blobPath,
  type Descriptor,
  digestOfDescriptor,
  isAttestation,
  isPresent,
  platformOfDescriptor,
  readOciDocument,
  readVerified,
} from './oci-documents.ts';
import { type Sibling, siblingStacks } from './sibling-stacks.ts';
import type { ImageRecord, LayerRecord, StoredImage } from './stored-image.ts';

/** One image of `index.json`: what goes by one name, or by none and is made for different platforms. */
interface Group {
  readonly names: Set<string>;
  readonly descriptors: Descriptor[];
}

/** The images of an OCI layout. */
export function ociImages(content: Content, descriptors: readonly Descriptor[]): StoredImage[] {
  const groups = grouped(descriptors.filter((descriptor) => !isAttestation(descriptor)));
  return groups.map((group) => ({
    names: [...group.names],
    digests: group.descriptors.map(({ digest }) => digest),
    read: async (wanted) => {
      const record = await readGroup(content, group, wanted);
      const siblings = siblingsOf(content, groups, group, record.config.platform);
      return { ...record, stacks: await siblingStacks(record.config.diffIds, siblings) };
    },
  }));
}

/** Each manifest below the index as an image that goes by its digest, and by its config's: docker's image id. */
export async function ociImagesById(
  content: Content,
  descriptors: readonly Descriptor[],
): Promise<StoredImage[]> {
  const images: StoredImage[] = [];
  for (const { names, descriptors: top } of grouped(descriptors.filter((each) => !isAttestation(each)))) {
    for (const descriptor of await manifestsBelow(content, top)) {
      if (!(await isPresent(content, descriptor))) continue;
      const manifest = await readOciDocument(content, descriptor);
      if (manifest.kind !== 'manifest') continue;
      const digest = digestOfDescriptor(content, descriptor);
      images.push({
        names: [...names],
        digests: [digest, manifest.config.digest],
        read: () => ociRecord(content, { digest, manifest }, repoTagsOf(names)),
      });
    }
  }
  return images;
}

async function readGroup(content: Content, group: Group, wanted: Platform | undefined): Promise<ImageRecord> {
  const chosen = await chooseManifest(content, group.descriptors, wanted);
  return ociRecord(content, chosen, repoTagsOf(group.names));
}

/** How to read of each other image of the index what may be shared with this one. */
function siblingsOf(
  content: Content,
  groups: readonly Group[],
  group: Group,
  platform: Platform,
): (() => Promise<Sibling>)[] {
  return groups
    .filter((sibling) => sibling !== group)
    .map((sibling) => async () => {
      const { configDigest, repoTags, config } = await readGroup(content, sibling, platform);
      return { id: digestHex(configDigest), tags: repoTags, diffIds: config.diffIds };
    });
}

/** The image that a manifest describes. */
export async function ociRecord(
  content: Content,
  { digest, manifest }: ChosenManifest,
  repoTags: readonly string[],
): Promise<ImageRecord> {
  const configDigest = digestOfDescriptor(content, manifest.config);
  const bytes = await readVerified(content, manifest.config, "the image's config");
  const config = parseImageConfig(bytes, `${content.label}: ${blobPath(configDigest)}`);
  const layers = manifest.layers.map((layer) => layerOf(content, layer));
  return { digest, configDigest, repoTags, config, layers };
}

function layerOf(content: Content, descriptor: Descriptor): LayerRecord {
  const digest = digestOfDescriptor(content, descriptor);
  const { size, mediaType, urls } = descriptor;
  return {
    path: blobPath(digest),
    digest,
    size,
    ...(mediaType ? { mediaType } : {}),
    ...(urls && urls.length > 0 ? { urls } : {}),
  };
}

function grouped(descriptors: readonly Descriptor[]): Group[] {
  const groups = new Set<Group>();
  const known = new Map<string, Group>();
  const unnamedTogether = haveDistinctPlatforms(descriptors.filter((each) => namesOf(each).length === 0));
  for (const descriptor of descriptors) {
    const names = namesOf(descriptor);
    const sameDigest = `digest ${descriptor.digest}`;
    const sameName = names[0] === undefined ? 'unnamed' : `name ${names[0]}`;
    const joins = names[0] !== undefined || unnamedTogether;
    const group = known.get(sameDigest) ??
      (joins ? known.get(sameName) : undefined) ?? { names: new Set(), descriptors: [] };
    if (!known.has(sameDigest)) group.descriptors.push(descriptor);
    known.set(sameDigest, group);
    if (joins) known.set(sameName, group);
    for (const name of names) group.names.add(name);
    groups.add(group);
  }
  return [...groups];
}

/** Then they are one image, as `crane` and `ko` write it. */
function haveDistinctPlatforms(descriptors: readonly Descriptor[]): boolean {
  const seen = new Map<string, string>();
  return descriptors.every((descriptor) => {
    const platform = platformOfDescriptor(descriptor);
    if (platform === undefined) return false;
    const other = seen.get(formatPlatform(platform));
    seen.set(formatPlatform(platform), descriptor.digest);
    return other === undefined || other === descriptor.digest;
  });
}

/** The name in full first, where there is one: the OCI reference name may be a mere tag. */
function namesOf({ annotations }: Descriptor): string[] {
  const names = [
    annotations?.['io.containerd.image.name'],
    annotations?.['org.opencontainers.image.ref.name'],
  ];
  return names.filter((name) => name !== undefined);
}

function repoTagsOf(names: Iterable<string>): string[] {
  const tags = new Set<string>();
  for (const name of names) {
    const parsed = parseImageName(name);
    const tagged = name.indexOf(':', name.lastIndexOf('/') + 1) !== -1;
    if ('name' in parsed && tagged) tags.add(familiarName(parsed.name));
  }
  return [...tags];
}
