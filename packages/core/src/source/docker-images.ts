import { z } from 'zod';
import { DimgxError } from '../errors.ts';
import { type Digest, digestFromHex, digestHex, digestOf } from '../image/digest.ts';
import { familiarName, fullName, parseImageName } from '../image/image-name.ts';
import { type Platform, platformMatches } from '../image/platform.ts';
import { type ChosenManifest, manifestsBelow } from './choose-manifest.ts';
import { type Content, quoted } from './content.ts';
import { type ImageConfig, parseImageConfig } from './image-config.ts';
import { parseDocument } from './json-document.ts';
import {
  type Descriptor,
  digestOfDescriptor,
  isPresent,
  readOciDocument,
  readTopIndex,
} from './oci-documents.ts';
import { ociImages, ociRecord } from './oci-images.ts';
import { type Sibling, siblingStacks } from './sibling-stacks.ts';
import type { ImageRecord, LayerRecord, StoredImage } from './stored-image.ts';

const entrySchema = z.object({
  Config: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  Layers: z.array(z.string()).nullish(),
  /** By diff id. A layer that must not be distributed has its URLs here. */
  LayerSources: z
    .record(z.string(), z.object({ mediaType: z.string().nullish(), urls: z.array(z.string()).nullish() }))
    .nullish(),
});

type Entry = z.infer<typeof entrySchema>;

/** The images of `manifest.json`, as docker and podman save them; undefined if there is none. */
export async function dockerImages(content: Content): Promise<StoredImage[] | undefined> {
  const bytes = await content.read('manifest.json');
  if (bytes === undefined) return undefined;
  const entries = parseDocument(bytes, z.array(entrySchema), `${content.label}: manifest.json`);
  if (entries.length === 0) throw new DimgxError('ARCHIVE_INVALID', `${content.label} holds no image`);
  return entries.map((entry) => {
    const digest = digestInName(entry.Config);
    return {
      names: entry.RepoTags ?? [],
      digests: digest === undefined ? [] : [digest],
      read: (wanted) => readEntry(content, entries, entry, wanted),
    };
  });
}

async function readEntry(
  content: Content,
  entries: readonly Entry[],
  entry: Entry,
  wanted: Platform | undefined,
): Promise<ImageRecord> {
  const { config, configDigest } = await readConfig(content, entry);
  const index = (await readTopIndex(content)) ?? [];
  if (wanted !== undefined && !platformMatches(wanted, config.platform)) {
    const names = new Set((entry.RepoTags ?? []).map(inFull));
    const other = ociImages(content, index).find((image) =>
      image.names.some((name) => names.has(inFull(name))),
    );
    if (other !== undefined) return other.read(wanted);
  }
  const repoTags = repoTagsOf(entry);
  const stacks = await siblingStacks(config.diffIds, siblingsOf(content, entries, entry));
  const chosen = await manifestOf(content, index, entry, configDigest);
  if (chosen !== undefined) return { ...(await ociRecord(content, chosen, repoTags)), stacks };
  return { digest: configDigest, configDigest, repoTags, config, layers: layersOf(entry, config), stacks };
}

interface ReadConfig {
  readonly config: ImageConfig;
  readonly configDigest: Digest;
}

async function readConfig(content: Content, { Config: path }: Entry): Promise<ReadConfig> {
  const bytes = await content.read(path);
  if (bytes === undefined) throw content.missing(path, "the image's config");
  const configDigest = digestOf(bytes);
  const named = digestInName(path);
  if (named !== undefined && named !== configDigest) {
    throw new DimgxError(
      'DIGEST_MISMATCH',
      `${content.label}: the config ${quoted(path)} is not what its name says`,
    );
  }
  return { config: parseImageConfig(bytes, `${content.label}: ${quoted(path)}`), configDigest };
}

/** Docker names a config `HEX.json` or `blobs/sha256/HEX`, others `sha256:HEX`. */
function digestInName(path: string): Digest | undefined {
  const hex = /(?:^|\/|sha256:)([0-9a-f]{64})(?:\.json)?$/.exec(path)?.[1];
  return hex === undefined ? undefined : digestFromHex(hex);
}

function layersOf(entry: Entry, config: ImageConfig): LayerRecord[] {
  return (entry.Layers ?? []).map((path, i) => {
    const blob = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
    const diffId = config.diffIds[i];
    const source = diffId === undefined ? undefined : entry.LayerSources?.[diffId];
    return {
      path,
      ...(blob === undefined ? {} : { digest: digestFromHex(blob) }),
      ...(source?.mediaType ? { mediaType: source.mediaType } : {}),
      ...(source?.urls && source.urls.length > 0 ? { urls: source.urls } : {}),
    };
  });
}

/** The OCI manifest that newer archives have beside `manifest.json`, where it tells of the very same blobs. */
async function manifestOf(
  content: Content,
  index: readonly Descriptor[],
  entry: Entry,
  configDigest: Digest,
): Promise<ChosenManifest | undefined> {
  for (const descriptor of await manifestsBelow(content, index)) {
    if (!(await isPresent(content, descriptor))) continue;
    const manifest = await readOciDocument(content, descriptor);
    if (manifest.kind !== 'manifest' || manifest.config.digest !== configDigest) continue;
    const paths = manifest.layers.map((layer) => `blobs/${layer.digest.replace(':', '/')}`);
    if (JSON.stringify(paths) !== JSON.stringify(entry.Layers ?? [])) continue;
    return { digest: digestOfDescriptor(content, descriptor), manifest };
  }
  return undefined;
}

/** How to read of each other image of the list what may be shared with this one. */
function siblingsOf(content: Content, entries: readonly Entry[], entry: Entry): (() => Promise<Sibling>)[] {
  return entries
    .filter((sibling) => sibling !== entry)
    .map((sibling) => async () => {
      const { config, configDigest } = await readConfig(content, sibling);
      return { id: digestHex(configDigest), tags: repoTagsOf(sibling), diffIds: config.diffIds };
    });
}

function repoTagsOf(entry: Entry): string[] {
  const tags: string[] = [];
  for (const tag of entry.RepoTags ?? []) {
    const parsed = parseImageName(tag);
    if ('name' in parsed) tags.push(familiarName(parsed.name));
  }
  return tags;
}

function inFull(name: string): string {
  const parsed = parseImageName(name);
  return 'name' in parsed ? fullName(parsed.name) : name;
}
