import { createHash } from 'node:crypto';

declare const digestBrand: unique symbol;
declare const diffIdBrand: unique symbol;
declare const chainIdBrand: unique symbol;

/** `sha256:` and 64 lower-case hex digits: the digest of a blob as it is stored. OCI descriptor.md, Digests. */
export type Digest = string & { readonly [digestBrand]: true };

/** The digest of a layer's uncompressed tar. OCI config.md, Layer DiffID. */
export type DiffId = Digest & { readonly [diffIdBrand]: true };

/** Names a layer together with all below it. OCI config.md, Layer ChainID. */
export type ChainId = Digest & { readonly [chainIdBrand]: true };

const pattern = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

export function isDiffId(text: string): text is DiffId {
  return pattern.test(text);
}

/** The digest of bytes at hand; large content is digested while it streams instead. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return digestFromHex(createHash('sha256').update(bytes).digest('hex'));
}

export function digestFromHex(hex: string): Digest {
  return `sha256:${hex}` as Digest;
}

/** The 64 hex digits without the algorithm. */
export function digestHex(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** The chain id of each layer of a stack, for its diff ids oldest first. */
export function chainIds(diffIds: readonly DiffId[]): ChainId[] {
  const chain: ChainId[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push((below === undefined ? diffId : digestOf(`${below} ${diffId}`)) as Digest as ChainId);
  }
  return chain;
}
