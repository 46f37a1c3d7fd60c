import type { ChainId } from '../image/digest.ts';
import type { EngineStack } from './docker-daemon-history.ts';
import type { StackName } from './stored-image.ts';

/** An image of an engine's list. Only the classic builder tells upon which image it built another. */
export interface ListedImage {
  readonly Id: string;
  readonly ParentId?: string | null;
}

/**
 * Adds to each stack the ids of the listed images that were built upon an image which is that stack. Those of the
 * image itself are left out: its next layer is known to lie there, under the one name of several that people know.
 */
export function withChildren(
  stacks: ReadonlyMap<ChainId, EngineStack>,
  listed: readonly ListedImage[],
): Map<ChainId, StackName> {
  const own = new Set(Array.from(stacks.values(), ({ ids }) => ids).flat());
  const others = listed
    .map(({ Id, ParentId }) => ({ id: hexOf(Id), parent: hexOf(ParentId ?? '') }))
    .filter(({ id }) => !own.has(id));
  const byParent = Map.groupBy(others, ({ parent }) => parent);
  const named = Array.from(stacks, ([chainId, name]): [ChainId, StackName] => {
    const children = name.ids.flatMap((id) => byParent.get(id) ?? []).map(({ id }) => id);
    return [chainId, { ...name, children }];
  });
  return new Map(named);
}

function hexOf(id: string): string {
  return id.replace('sha256:', '');
}
