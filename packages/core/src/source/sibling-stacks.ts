import { DimgxError } from '../errors.ts';
import { type ChainId, chainIds, type DiffId, digestHex } from '../image/digest.ts';
import type { StackName } from './stored-image.ts';

/** Beyond so many, images of one archive are not searched for what they share with the one that was asked for. */
const MOST_SIBLINGS = 100;

/** Another image of the same archive or folder. */
export interface Sibling {
  /** What its newest layer goes by: 64 hex digits. */
  readonly id: string;
  readonly tags: readonly string[];
  /** Oldest first. */
  readonly diffIds: readonly DiffId[];
}

/**
 * What other images tell of an image's stacks of layers: which of them are whole images too, by which ids and tags,
 * and what others lie upon each. The readers are asked one by one; an image that can't be read is left out.
 *
 * Throws `LIMIT_EXCEEDED`.
 */
export async function siblingStacks(
  diffIds: readonly DiffId[],
  readers: readonly (() => Promise<Sibling>)[],
): Promise<Map<ChainId, StackName>> {
  const siblings: (Sibling & { readonly chain: readonly ChainId[] })[] = [];
  for (const read of readers.slice(0, MOST_SIBLINGS)) {
    const sibling = await ifSound(read);
    if (sibling !== undefined) siblings.push({ ...sibling, chain: chainIds(sibling.diffIds) });
  }
  const whole = Map.groupBy(siblings, ({ chain }) => chain.at(-1));
  const own = chainIds(diffIds);
  const shared = new Set(own);
  const children = new Map<ChainId, Set<string>>();
  for (const { chain } of siblings) {
    const last = chain.findLastIndex((chainId) => shared.has(chainId));
    const child = chain[last + 1];
    if (last === -1 || child === undefined) continue;
    const known = children.get(chain[last]) ?? new Set();
    children.set(chain[last], known.add(whole.get(child)?.[0].id ?? digestHex(child)));
  }
  return new Map(
    own.map((chainId) => {
      const same = whole.get(chainId) ?? [];
      const ids = same.map(({ id }) => id);
      const tags = same.flatMap((sibling) => sibling.tags);
      return [chainId, { id: ids[0], ids, tags, children: [...(children.get(chainId) ?? [])] }];
    }),
  );
}

/** What is wrong with another image is no fault of the one that was asked for. */
export async function ifSound<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DimgxError && error.code !== 'LIMIT_EXCEEDED') return undefined;
    throw error;
  }
}
