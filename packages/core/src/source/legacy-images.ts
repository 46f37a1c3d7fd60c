import { createHash } from 'node:crypto';
import { z } from 'zod';
import { compressionOfRegion } from '../compress/decompress.ts';
import { DimgxError } from '../errors.ts';
import { limitsWith } from '../flatten/limits.ts';
import { chainIds, type DiffId, digestFromHex, digestOf } from '../image/digest.ts';
import type { FileRegion } from '../image/file-region.ts';
import { familiarName, parseImageName } from '../image/image-name.ts';
import { type Content, quoted } from './content.ts';
import { executionSchema, parseImageConfig } from './image-config.ts';
import { parseDocument } from './json-document.ts';
import { ifSound } from './sibling-stacks.ts';
import type { ReadingBounds } from './source.ts';
import { type ImageRecord, MAX_LAYERS, type StackName, type StoredImage } from './stored-image.ts';
import { uncompressedBytes } from './uncompressed-bytes.ts';

/** Docker image specification v1: every layer is an image of its own, and names the one below it. */
const layerSchema = z.looseObject({
  id: z.string().nullish(),
  parent: z.string().nullish(),
  created: z.string().nullish(),
  author: z.string().nullish(),
  comment: z.string().nullish(),
  os: z.string().nullish(),
  architecture: z.string().nullish(),
  variant: z.string().nullish(),
  config: executionSchema,
  container_config: z.object({ Cmd: z.array(z.string()).nullish() }).nullish(),
});

type LegacyLayer = z.infer<typeof layerSchema> & { readonly id: string };

/** Tag to id, for each repository. */
const repositoriesSchema = z.record(z.string(), z.record(z.string(), z.string()));

const idPattern = /^[0-9a-f]{64}$/;

/** The images of an archive that docker before 1.10 saved; undefined if there are none. */
export async function legacyImages(
  content: Content,
  bounds: ReadingBounds,
): Promise<StoredImage[] | undefined> {
  const tags = await readTags(content);
  const ids = tags.size > 0 ? [...tags.keys()] : await topmostIds(content);
  return ids.length === 0 ? undefined : imagesOf(content, ids, tags, bounds);
}

/** Those too that others lie upon: each goes by its id. */
export async function legacyImagesById(content: Content, bounds: ReadingBounds): Promise<StoredImage[]> {
  return imagesOf(content, idsIn(content), await readTags(content), bounds);
}

function imagesOf(
  content: Content,
  ids: readonly string[],
  tags: ReadonlyMap<string, string[]>,
  bounds: ReadingBounds,
): StoredImage[] {
  return ids.map((id) => ({
    names: tags.get(id) ?? [],
    digests: [`sha256:${id}`],
    read: () => readImage(content, id, tags, bounds),
  }));
}

async function readTags(content: Content): Promise<Map<string, string[]>> {
  const tags = new Map<string, string[]>();
  const bytes = await content.read('repositories');
  if (bytes === undefined) return tags;
  const repositories = parseDocument(bytes, repositoriesSchema, `${content.label}: repositories`);
  for (const [repository, ids] of Object.entries(repositories)) {
    for (const [tag, id] of Object.entries(ids)) {
      const names = tags.get(id);
      if (names === undefined) tags.set(id, [`${repository}:${tag}`]);
      else names.push(`${repository}:${tag}`);
    }
  }
  return tags;
}

/**
 * An image saved by its id has no tags: it is the one that is nobody's parent. In an archive that was cut off, the
 * same folders may be those of a newer engine, whose manifest is lost.
 */
async function topmostIds(content: Content): Promise<string[]> {
  if (content.cutOff) return [];
  const ids = idsIn(content);
  if (ids.length > MAX_LAYERS) throw tooMany(content);
  const parents = new Set<string>();
  for (const id of ids) {
    const { parent } = await readLayer(content, id);
    if (parent) parents.add(parent);
  }
  return ids.filter((id) => !parents.has(id));
}

function idsIn(content: Content): string[] {
  const ids = Array.from(content.paths(), (path) => /^([0-9a-f]{64})\/json$/.exec(path)?.[1]);
  return ids.filter((id) => id !== undefined);
}

async function readImage(
  content: Content,
  id: string,
  tags: ReadonlyMap<string, string[]>,
  bounds: ReadingBounds,
): Promise<ImageRecord> {
  const layers = await readChain(content, id);
  const paths = layers.map((layer) => `${layer.id}/layer.tar`);
  const diffIds: DiffId[] = [];
  for (const [i, path] of paths.entries()) {
    const region = await content.find(path);
    if (region === undefined) throw content.missing(path, `layer ${i} of ${paths.length}`);
    diffIds.push(await diffIdOf(`${content.label}: ${path}`, region, bounds));
  }
  const config = Buffer.from(JSON.stringify(modernConfig(layers, diffIds)));
  const configDigest = digestOf(config);
  const chain = chainIds(diffIds);
  const children = await childrenByParent(content, new Set(layers.map((layer) => layer.id)));
  const stacks = new Map<string, StackName>();
  for (const [i, layer] of layers.entries()) {
    stacks.set(chain[i] ?? '', {
      id: layer.id,
      tags: familiar(tags.get(layer.id)),
      children: children.get(layer.id) ?? [],
    });
  }
  return {
    digest: configDigest,
    configDigest,
    id,
    repoTags: familiar(tags.get(id)),
    config: parseImageConfig(config, `${content.label}: ${id}/json`),
    layers: paths.map((path) => ({ path })),
    stacks,
  };
}

/** The archive does not tell it: such images were from before layers had digests. */
async function diffIdOf(what: string, region: FileRegion, bounds: ReadingBounds): Promise<DiffId> {
  const { signal } = bounds;
  const limits = limitsWith(bounds.limits);
  const hash = createHash('sha256');
  for await (const piece of uncompressedBytes(what, region, compressionOfRegion(region), limits)) {
    signal.throwIfAborted();
    hash.update(piece);
  }
  return digestFromHex(hash.digest('hex')) as DiffId;
}

/** The images that lie directly upon each, without those that the image itself is made of. */
async function childrenByParent(content: Content, own: ReadonlySet<string>): Promise<Map<string, string[]>> {
  const children = new Map<string, string[]>();
  const others = idsIn(content).filter((id) => !own.has(id));
  for (const id of others.slice(0, MAX_LAYERS)) {
    const parent = (await ifSound(() => readLayer(content, id)))?.parent;
    if (parent && own.has(parent)) children.set(parent, [...(children.get(parent) ?? []), id]);
  }
  return children;
}

/** From the oldest to the image itself. */
async function readChain(content: Content, top: string): Promise<LegacyLayer[]> {
  const chain: LegacyLayer[] = [];
  const seen = new Set<string>();
  for (let id: string | null | undefined = top; id; ) {
    if (seen.has(id))
      throw new DimgxError('MANIFEST_INVALID', `${content.label}: ${quoted(id)} is its own ancestor`);
    seen.add(id);
    if (seen.size > MAX_LAYERS) throw tooMany(content);
    const layer: LegacyLayer = await readLayer(content, id);
    chain.push(layer);
    id = layer.parent;
  }
  return chain.reverse();
}

async function readLayer(content: Content, id: string): Promise<LegacyLayer> {
  if (!idPattern.test(id))
    throw new DimgxError('MANIFEST_INVALID', `${content.label}: ${quoted(id)} is no image id`);
  const path = `${id}/json`;
  const bytes = await content.read(path);
  if (bytes === undefined) throw content.missing(path, 'an ancestor of the image');
  return { ...parseDocument(bytes, layerSchema, `${content.label}: ${path}`), id };
}

/** What docker of today would write of such an image: the digest of it stands for the image, its layers included. */
function modernConfig(layers: readonly LegacyLayer[], diffIds: readonly DiffId[]): object {
  const top = layers.at(-1);
  return {
    created: top?.created,
    author: top?.author,
    architecture: top?.architecture,
    variant: top?.variant,
    os: top?.os,
    config: top?.config,
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: layers.map(({ created, author, comment, container_config }) => ({
      created,
      author,
      comment,
      created_by: container_config?.Cmd?.join(' '),
    })),
  };
}

function familiar(tags: readonly string[] | undefined): string[] {
  const names: string[] = [];
  for (const tag of tags ?? []) {
    const parsed = parseImageName(tag);
    if ('name' in parsed) names.push(familiarName(parsed.name));
  }
  return names;
}

function tooMany(content: Content): DimgxError {
  return new DimgxError('LIMIT_EXCEEDED', `${content.label} has more than ${MAX_LAYERS} layers`);
}
