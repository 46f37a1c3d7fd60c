import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { link, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Archive, sha256 } from './archive.ts';

const run = promisify(execFile);

/**
 * An OCI archive with layers as registries hold them, each one stream of gzip at level 6, made of tars that lie in files,
 * oldest first. The folder is the archive's own; `layers` are the compressed ones.
 */
export async function makeGzipImage(folder: string, tars: readonly string[]): Promise<Archive> {
  const layout = new Layout(join(folder, 'layout'));
  await layout.begin();
  const diffIds: string[] = [];
  const descriptors: Descriptor[] = [];
  const layers: string[] = [];
  for (const [index, tar] of tars.entries()) {
    const layer = join(folder, `layer-${index}.tar.gz`);
    await run('bash', ['-c', `gzip -6 -n < '${tar}' > '${layer}'`]);
    diffIds.push(`sha256:${await sha256(tar)}`);
    descriptors.push(await layout.add(layer, 'application/vnd.oci.image.layer.v1.tar+gzip'));
    layers.push(layer);
  }
  const config = await layout.write('application/vnd.oci.image.config.v1+json', {
    ...{ architecture: 'amd64', os: 'linux', config: {} },
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = { schemaVersion: 2, mediaType, config, layers: descriptors };
  const file = join(folder, 'archive.tar');
  await layout.pack(await layout.write(mediaType, manifest), file);
  return { file, layers };
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** An OCI image layout that is being made; its folder is gone when it is packed. */
class Layout {
  readonly #folder: string;
  readonly #blobs: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#blobs = join(folder, 'blobs/sha256');
  }

  async begin(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#blobs, { recursive: true });
    await writeFile(join(this.#folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  }

  async add(file: string, mediaType: string): Promise<Descriptor> {
    const hex = await sha256(file);
    await link(file, join(this.#blobs, hex));
    return { mediaType, digest: `sha256:${hex}`, size: (await stat(file)).size };
  }

  async write(mediaType: string, content: object): Promise<Descriptor> {
    const text = JSON.stringify(content);
    const hex = createHash('sha256').update(text).digest('hex');
    await writeFile(join(this.#blobs, hex), text);
    return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
  }

  async pack(manifest: Descriptor, file: string): Promise<void> {
    await writeFile(
      join(this.#folder, 'index.json'),
      JSON.stringify({ schemaVersion: 2, manifests: [manifest] }),
    );
    await run('tar', ['-cf', file, '-C', this.#folder, '.']);
    await rm(this.#folder, { recursive: true });
  }
}
