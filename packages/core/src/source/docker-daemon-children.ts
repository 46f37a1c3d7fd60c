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
  const own = new Set(Array.from(stacks.values(), ({ images }) => images).flat());
  const byParent = Map.groupBy(
    listed.filter(({ Id }) => !own.has(Id)),
    ({ ParentId }) => ParentId ?? '',
  );
  const named = Array.from(stacks, ([chainId, { images, ...name }]): [ChainId, StackName] => {
    const children = images.flatMap((image) => byParent.get(image) ?? []);
    return [chainId, { ...name, children: children.map(({ Id }) => Id.replace('sha256:', '')) }];
  });
  return new Map(named);
}
