import { type ArchiveFiles, type ArchiveOptions, archiveOf, json } from './archive-files.ts';
import { imageManifest, layoutMarker, ociManifestType } from './oci-manifest.ts';
import { hexOf, type ImageSpec, sha256, type TestImage, type TestLayer, testImage } from './test-image.ts';

/**
 * The generations of `docker save`: `docker-25` and newer write an OCI layout with a `manifest.json`; `docker-1.10` to
 * 24 a folder for each layer with a `manifest.json`; `legacy`, before them, only the folders and `repositories`.
 */
export type DockerArchiveForm = 'docker-1.10' | 'docker-25' | 'legacy';

type Images = ImageSpec | TestImage | readonly (ImageSpec | TestImage)[];

export function dockerArchive(images: Images, form: DockerArchiveForm, options?: ArchiveOptions): Buffer {
  return archiveOf(dockerArchiveFiles(images, form), options);
}

export function dockerArchiveFiles(images: Images, form: DockerArchiveForm): ArchiveFiles {
  const specs = 'layers' in images ? [images] : images;
  const all = specs.map(testImage);
  return form === 'docker-25' ? layoutFiles(all) : folderFiles(all, form === 'docker-1.10');
}

function layoutFiles(images: readonly TestImage[]): ArchiveFiles {
  const files: ArchiveFiles = new Map([
    ['blobs/', Buffer.alloc(0)],
    ['blobs/sha256/', Buffer.alloc(0)],
  ]);
  const put = (content: Buffer) => {
    const digest = sha256(content);
    files.set(blobPath(digest), content);
    return { digest, size: content.length };
  };
  const manifests: object[] = [];
  for (const image of images) {
    for (const { blob } of image.layers) put(blob);
    put(image.config);
    const descriptor = { mediaType: ociManifestType, ...put(imageManifest(image)) };
    manifests.push(...image.tags.map((tag) => ({ ...descriptor, annotations: nameAnnotations(tag) })));
    if (image.tags.length === 0) manifests.push(descriptor);
  }
  files.set(
    'index.json',
    json({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }),
  );
  files.set('manifest.json', json(images.map(layoutEntry)));
  files.set('oci-layout', layoutMarker);
  return files;
}

function blobPath(digest: string): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

function nameAnnotations(tag: string): Record<string, string> {
  return {
    'io.containerd.image.name': `docker.io/library/${tag}`,
    'org.opencontainers.image.ref.name': tag.slice(tag.lastIndexOf(':') + 1),
  };
}

function layoutEntry(image: TestImage): object {
  const source = ({ mediaType, digest, blob }: TestLayer) => ({ mediaType, size: blob.length, digest });
  return {
    Config: blobPath(image.configDigest),
    RepoTags: image.tags.length === 0 ? null : image.tags,
    Layers: image.layers.map(({ digest }) => blobPath(digest)),
    LayerSources: Object.fromEntries(image.layers.map((layer) => [layer.diffId, source(layer)])),
  };
}

/** The folders' names, as the engine makes them: unique for a layer and all below it. The newest names the image. */
export function layerFolders(image: TestImage): string[] {
  const folders: string[] = [];
  for (const { diffId } of image.layers) {
    folders.push(hexOf(sha256(`${folders.at(-1) ?? ''} ${diffId} ${image.configDigest}`)));
  }
  return folders;
}

function folderFiles(images: readonly TestImage[], withManifest: boolean): ArchiveFiles {
  const files: ArchiveFiles = new Map();
  const repositories: Record<string, Record<string, string>> = {};
  for (const image of images) {
    const folders = layerFolders(image);
    for (const [index, layer] of image.layers.entries()) addFolder(files, image, folders, index, layer);
    if (withManifest) files.set(`${hexOf(image.configDigest)}.json`, image.config);
    for (const tag of image.tags) {
      const colon = tag.lastIndexOf(':');
      const name = tag.slice(0, colon);
      repositories[name] = { ...repositories[name], [tag.slice(colon + 1)]: folders.at(-1) ?? '' };
    }
  }
  if (withManifest) files.set('manifest.json', json(images.map(folderEntry)));
  if (Object.keys(repositories).length > 0) files.set('repositories', json(repositories));
  return files;
}

/** A layer that the archive has already becomes a symlink to its first copy, as the engine writes it. */
function addFolder(
  files: ArchiveFiles,
  image: TestImage,
  folders: readonly string[],
  index: number,
  layer: TestLayer,
): void {
  const id = folders[index] ?? '';
  const twin = image.layers.findIndex((other) => other.diffId === layer.diffId);
  const newest = index === folders.length - 1;
  const parent = index === 0 ? {} : { parent: folders[index - 1] };
  const { os, architecture } = image.platform;
  files.set(`${id}/`, Buffer.alloc(0));
  files.set(`${id}/VERSION`, Buffer.from('1.0'));
  files.set(
    `${id}/json`,
    json({
      ...{ id, ...parent, created: image.created, os },
      container_config: { Cmd: [layer.createdBy] },
      ...(newest ? { architecture, config: JSON.parse(image.config.toString()).config } : {}),
    }),
  );
  files.set(`${id}/layer.tar`, twin < index ? { symlink: `../${folders[twin]}/layer.tar` } : layer.blob);
}

function folderEntry(image: TestImage): object {
  return {
    Config: `${hexOf(image.configDigest)}.json`,
    RepoTags: image.tags.length === 0 ? null : image.tags,
    Layers: layerFolders(image).map((folder) => `${folder}/layer.tar`),
  };
}
