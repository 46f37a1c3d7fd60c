import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A `docker save` archive (the form of Docker 1.10 to 24) and the tars of its layers, oldest first. */
export interface Archive {
  readonly file: string;
  readonly layers: readonly string[];
}

/** Makes an archive of layers that lie as tars in files; the folder is the archive's own. */
export async function makeArchive(folder: string, layers: readonly string[]): Promise<Archive> {
  const content = join(folder, 'content');
  await rm(content, { recursive: true, force: true });
  const diffIds: string[] = [];
  const names: string[] = [];
  for (const [index, layer] of layers.entries()) {
    diffIds.push(`sha256:${await sha256(layer)}`);
    const name = `${String(index).padStart(64, '0')}/layer.tar`;
    names.push(name);
    await mkdir(join(content, name, '..'), { recursive: true });
    await link(layer, join(content, name));
  }
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: diffIds },
  };
  await mkdir(content, { recursive: true });
  await writeFile(join(content, 'config.json'), JSON.stringify(config));
  const manifest = [{ Config: 'config.json', RepoTags: ['dimgx/bench:1'], Layers: names }];
  await writeFile(join(content, 'manifest.json'), JSON.stringify(manifest));
  const file = join(folder, 'archive.tar');
  // What is all zero takes no room.
  const sparse = `dd of='${file}' bs=1M conv=sparse iflag=fullblock status=none`;
  await run('bash', ['-o', 'pipefail', '-c', `tar -cf - -C '${content}' . | ${sparse}`]);
  await rm(content, { recursive: true });
  return { file, layers };
}

/** Hex. */
export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) hash.update(chunk);
  return hash.digest('hex');
}
