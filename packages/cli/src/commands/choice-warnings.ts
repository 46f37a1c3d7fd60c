import type { FlattenOutcome } from '@dimgx/core';

/** What was chosen of an image: layers and paths. */
export interface Choice {
  /** As after `-l`. */
  readonly specs: readonly string[];
  /** Layers by their indices, lowest precedence first; 0 is the image's oldest. */
  readonly indices: readonly number[];
  readonly hasPatterns: boolean;
}

/** A choice that turns the image's order round is legal, and seldom meant. */
export function orderWarning({ specs, indices }: Choice): string | undefined {
  if (specs.length === 0 || indices.every((index, at) => at === 0 || indices[at - 1] < index))
    return undefined;
  return "older layers override newer ones, by the order of -l; the image's own order is -l OLDEST:NEWEST";
}

/** Nothing at all is seldom meant either. */
export function emptinessWarning(
  { specs, indices, hasPatterns }: Choice,
  { entries }: Pick<FlattenOutcome, 'entries'>,
): string | undefined {
  const { files, directories, symlinks, hardlinks, devices } = entries;
  if (files + directories + symlinks + hardlinks + devices > 0) return undefined;
  if (specs.length > 0 && indices.length === 0) return 'no layer was chosen: the tar is empty';
  return hasPatterns ? 'nothing is left by --include and --exclude: the tar is empty' : undefined;
}
