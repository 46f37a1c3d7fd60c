import { type Layer, layer } from '../images/layer.ts';
import type { TarEntry } from '../images/tar-entry.ts';

/**
 * One entry of a layer as data, so that a tar can be made of it and a reference can apply it. Names and link targets
 * are bytes, held as latin1 text, spelled as they are to stand in the tar.
 */
export interface LayerEntry {
  readonly name: string;
  readonly type: '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7';
  readonly link?: string;
  readonly content?: string;
  /** Instead of content. Pieces lie in order and apart. */
  readonly sparse?: {
    readonly form: 'gnu-old' | 'pax-1.0';
    readonly size: number;
    readonly pieces: readonly { readonly offset: number; readonly content: string }[];
  };
  readonly device?: { readonly major: number; readonly minor: number };
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds; fractions are of halves and quarters, and of PAX. */
  readonly mtime: number;
  /** Values are bytes, as latin1 text. */
  readonly xattrs?: Readonly<Record<string, string>>;
  readonly dialect: TarEntry['dialect'];
}

export interface ModelLayer {
  readonly entries: readonly LayerEntry[];
  /** Zero blocks at the tar's end. */
  readonly endBlocks: number;
  /** A PAX global header that lies stands before each entry. */
  readonly globalHeaders: boolean;
}

/** An image's layers, oldest first. */
export type ModelImage = readonly ModelLayer[];

export function tarOf({ entries, endBlocks, globalHeaders }: ModelLayer): Buffer {
  let built = layer();
  for (const entry of entries) {
    if (globalHeaders) built = built.globalHeader({ path: 'global', size: '7', uid: '7' });
    built = withEntry(built, entry);
  }
  return built.tar(endBlocks);
}

function withEntry(built: Layer, { name, link, content, sparse, xattrs, ...rest }: LayerEntry): Layer {
  const attributes = {
    ...rest,
    ...(xattrs === undefined ? {} : { xattrs: Object.fromEntries(Object.entries(xattrs).map(bytesOfValue)) }),
  };
  if (sparse !== undefined) return built.sparse(bytes(name), sparse, sparse.form, attributes);
  return built.entry({
    ...attributes,
    name: bytes(name),
    ...(link === undefined ? {} : { link: bytes(link) }),
    ...(content === undefined ? {} : { content: bytes(content) }),
  });
}

function bytesOfValue([key, value]: [string, string]): [string, Buffer] {
  return [key, bytes(value)];
}

export function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
