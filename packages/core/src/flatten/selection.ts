import picomatch from 'picomatch';
import { ROOT, type Tree } from './tree.ts';
import { isAufsMetadata } from './whiteout.ts';

/** What eStargz puts into a layer's root beside the image's own files. */
const estargzNames = ['stargz.index.json', '.prefetch.landmark', '.no.prefetch.landmark'].map((name) =>
  Buffer.from(name),
);

const NONE = -1;

/** As in `FlattenOptions`. */
export interface PathFilter {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly dropEstargz?: boolean;
}

/** Which nodes are put out: a flag for each. */
export type Selection = Uint8Array;

/**
 * A pattern that matches a directory takes all below it along; what is excluded is never included again. A
 * directory that leads to something selected is selected too. AUFS's own files never are, eStargz's on request.
 */
export function select(tree: Tree, filter: PathFilter): Selection {
  const selection = new Uint8Array(tree.count);
  const included = matcher(filter.include);
  const excluded = matcher(filter.exclude);

  const visit = (node: number, prefix: string, within: boolean): boolean => {
    let any = false;
    for (let child = tree.firstChild(node); child !== NONE; child = tree.nextSibling(child)) {
      if (node === ROOT && isBookkeeping(tree.name(child), filter)) continue;
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

/** Of a layer format, not of the image. */
function isBookkeeping(name: Buffer, { dropEstargz = false }: PathFilter): boolean {
  return isAufsMetadata(name) || (dropEstargz && estargzNames.some((each) => each.equals(name)));
}

function matcher(patterns: readonly string[] | undefined): ((path: string) => boolean) | undefined {
  if (patterns === undefined || patterns.length === 0) return undefined;
  // A newline is a character like others: `s`.
  return picomatch(patterns.map(rootRelative), { dot: true, nonegate: true, flags: 's' });
}

/** `/etc/`, `./etc` and `etc` mean the same; the root is everything. */
function rootRelative(pattern: string): string {
  const path = pattern.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '');
  return path === '' || path === '.' ? '**' : path;
}
