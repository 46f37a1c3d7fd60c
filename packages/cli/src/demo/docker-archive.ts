import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import { imageTime, type WrittenLayer } from './layer-writer.ts';
import { packEntry, packStream } from './pack-entry.ts';

const created = new Date(imageTime * 1000).toISOString();
const header = { uid: 0, gid: 0, mode: 0o644, mtime: new Date(imageTime * 1000) } as const;
const oci = 'application/vnd.oci.image';

interface Blob {
  readonly mediaType: string;
  readonly size: number;
  readonly digest: string;
}

/**
 * Writes an image as `docker save` of today does: an OCI layout with Docker's manifest.json beside it, layers
 * uncompressed. Removes the layers' own files on the way, so that they do not take their space twice for long.
 */
export async function writeDockerArchive(
  file: string,
  image: { readonly name: string; readonly architecture: string; readonly layers: readonly WrittenLayer[] },
  signal: AbortSignal,
): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createWriteStream(file), { signal });
  // Told by the await below; until then a failed pipeline makes the entries fail.
  written.catch(() => {});
  const layers: Blob[] = [];
  for (const layer of image.layers) {
    layers.push(await addLayer(archive, layer));
    await rm(layer.file);
  }
  const config = await addJson(archive, `${oci}.config.v1+json`, configOf(image));
  const manifest = await addJson(archive, `${oci}.manifest.v1+json`, {
    schemaVersion: 2,
    mediaType: `${oci}.manifest.v1+json`,
    config,
    layers,
  });
  const annotations = {
    'io.containerd.image.name': image.name,
    'org.opencontainers.image.ref.name': 'latest',
  };
  await add(archive, 'index.json', {
    schemaVersion: 2,
    mediaType: `${oci}.index.v1+json`,
    manifests: [{ ...manifest, annotations }],
  });
  await add(archive, 'manifest.json', [
    { Config: pathOf(config), RepoTags: [image.name], Layers: layers.map(pathOf) },
  ]);
  await add(archive, 'oci-layout', { imageLayoutVersion: '1.0.0' });
  archive.finalize();
  await written;
}

function configOf(image: {
  readonly architecture: string;
  readonly layers: readonly WrittenLayer[];
}): unknown {
  return {
    architecture: image.architecture,
    os: 'linux',
    created,
    config: {
      Env: ['PATH=/usr/bin:/bin'],
      Cmd: ['node', '/opt/app/start.js'],
      WorkingDir: '/opt/app',
      Labels: { 'org.opencontainers.image.title': 'dimgx demo' },
    },
    rootfs: { type: 'layers', diff_ids: image.layers.map((layer) => `sha256:${layer.sha256}`) },
    history: image.layers.map((layer) => ({ created, created_by: layer.createdBy })),
  };
}

async function addLayer(archive: Pack, layer: WrittenLayer): Promise<Blob> {
  const blob = { mediaType: `${oci}.layer.v1.tar`, size: layer.size, digest: `sha256:${layer.sha256}` };
  const content = createReadStream(layer.file, { highWaterMark: 1024 * 1024 });
  await packStream(archive, { ...header, name: pathOf(blob), size: layer.size }, content);
  return blob;
}

async function addJson(archive: Pack, mediaType: string, content: unknown): Promise<Blob> {
  const bytes = JSON.stringify(content);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const blob = { mediaType, size: Buffer.byteLength(bytes), digest };
  await add(archive, pathOf(blob), content);
  return blob;
}

function add(archive: Pack, name: string, content: unknown): Promise<void> {
  return packEntry(archive, { ...header, name }, Buffer.from(JSON.stringify(content)));
}

function pathOf(blob: Blob): string {
  return `blobs/sha256/${blob.digest.slice('sha256:'.length)}`;
}
