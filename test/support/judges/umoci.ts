import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { treeOfFolder } from '../tree/folder-tree.ts';
import type { Tree } from '../tree/tree.ts';

const run = promisify(execFile);

export interface Unpacked {
  readonly tree: Tree;
  /** When unpacking began, in nanoseconds since 1970: later times in the tree are umoci's own doing. */
  readonly since: bigint;
}

/** The root filesystem of the image `tag` of an OCI layout, as umoci unpacks it into `root`. Needs root. */
export async function unpackedByUmoci(layout: string, tag: string, root: string): Promise<Unpacked> {
  const since = BigInt(Date.now()) * 1_000_000n;
  await run('umoci', ['raw', 'unpack', '--image', `${layout}:${tag}`, root]);
  return { tree: await treeOfFolder(root), since };
}

/** Copies an image of any transport into an OCI layout, where its tag is `image`. */
export async function copiedBySkopeo(source: string, layout: string, dockerHost?: string): Promise<void> {
  const host = dockerHost === undefined ? [] : ['--src-daemon-host', dockerHost];
  await run('skopeo', ['copy', '--quiet', '--insecure-policy', ...host, source, `oci:${layout}:image`]);
}
