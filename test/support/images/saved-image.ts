import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { tarMembers } from '../tree/tar-reader.ts';
import { sha256, type TestImage } from './test-image.ts';

/** The one image of an archive that an engine before Docker 25 saved, so that it can be written in other forms. */
export async function savedImage(archive: string): Promise<TestImage> {
  const files = await filesOf(archive);
  const [entry] = JSON.parse(String(fileAt(files, 'manifest.json'))) as {
    Config: string;
    RepoTags: string[] | null;
    Layers: string[];
  }[];
  if (entry === undefined) throw new Error(`${archive} holds no image`);
  const config = fileAt(files, entry.Config);
  const { os, architecture, created } = JSON.parse(String(config));
  const layers = entry.Layers.map((path) => {
    const tar = fileAt(files, path);
    const diffId = sha256(tar);
    const mediaType = 'application/vnd.oci.image.layer.v1.tar';
    return { tar, blob: tar, diffId, digest: diffId, mediaType, createdBy: '' };
  });
  const tags = entry.RepoTags ?? [];
  return { layers, config, configDigest: sha256(config), tags, platform: { os, architecture }, created };
}

/** Symlinks as the paths that they lead to. */
async function filesOf(archive: string): Promise<Map<string, Buffer | string>> {
  const files = new Map<string, Buffer | string>();
  for await (const { name, type, link, content } of tarMembers(createReadStream(archive))) {
    if (type === '2') files.set(name, posix.join(posix.dirname(name), link));
    else if (type === '0') files.set(name, await buffer(Readable.from(content())));
  }
  return files;
}

function fileAt(files: ReadonlyMap<string, Buffer | string>, path: string): Buffer {
  const content = files.get(path);
  if (content === undefined) throw new Error(`no ${path} in the archive`);
  return typeof content === 'string' ? fileAt(files, content) : content;
}
