import picomatch from 'picomatch';
import { ROOT, type Tree } from './tree.ts';
import { isAufsMetadata } from './whiteout.ts';

const NONE = -1;

export interface PathFilter {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** Which nodes are put out: a flag for each. */
export type Selection = Uint8Array;

/**
 * A pattern that matches a directory takes all below it along; what is excluded is never included again. A
 * directory that leads to something selected is selected too. AUFS's own files never are.
 */
export function select(tree: Tree, filter: PathFilter): Selection {
  const selection = new Uint8Array(tree.count);
  const included = matcher(filter.include);
  const excluded = matcher(filter.exclude);

  const visit = (node: number, prefix: string, within: boolean): boolean => {
    let any = false;
    for (let child = tree.firstChild(node); child !== NONE; child = tree.nextSibling(child)) {
      if (node === ROOT && isAufsMetadata(tree.name(child))) continue;
      const needsPath = included !== undefined || excluded !== undefined;
      const path = needsPath ? prefix + tree.name(child).toString('utf8') : '';
      if (excluded?.(path)) continue;
      const taken = within || included === undefined || included(path);
      const below = visit(child, `${path}/`, taken);
      if (taken || below) {
        selection[child] = 1;
        any = true;
      }
    }
    return any;
  };
  visit(ROOT, '', false);
  selection[ROOT] = 1;
  return selection;
}

function matcher(patterns: readonly string[] | undefined): ((path: string) => boolean) | undefined {
  if (patterns === undefined || patterns.length === 0) return undefined;
  return picomatch(patterns.map(rootRelative), { dot: true, nonegate: true });
}

/** `/etc/**` and `./etc/**` mean the same as `etc/**`. */
function rootRelative(pattern: string): string {
  return pattern.replace(/^(?:\.?\/)+/, '');
}
