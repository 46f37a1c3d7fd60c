import { type Node, shown, type Tree } from './tree.ts';

export interface Comparison {
  /** `seconds` where one side can't hold fractions. */
  readonly mtimes?: 'nanoseconds' | 'seconds' | 'ignored';
  /** Left out where one side can't hold them. */
  readonly xattrs?: 'ignored';
  /** Nanoseconds since 1970: an mtime of the right side from then on is its extractor's, and is not compared. */
  readonly extractedSince?: bigint;
}

/**
 * How two trees differ, a line for each difference; none, if they are the same. Owner names don't count, nor do a
 * symlink's mode, the mtime of what has none, and a root that only one of the two describes.
 */
export function compareTrees(left: Tree, right: Tree, options: Comparison = {}): string[] {
  const groups = { left: groupTexts(left), right: groupTexts(right) };
  const differences: string[] = [];
  for (const path of new Set([...left.paths(), ...right.paths()].sort())) {
    const [one, other] = [left.get(path), right.get(path)];
    if (one === undefined || other === undefined) {
      differences.push(...onlyOne(path, one, other));
      continue;
    }
    if (one.implied === true || other.implied === true) {
      if (one.type !== other.type) differences.push(`${shown(path)}: type ${one.type} | ${other.type}`);
      continue;
    }
    const [here, there] = [fields(one, options), fields(other, options)];
    here['hard links'] = groups.left.get(path);
    there['hard links'] = groups.right.get(path);
    if (other.mtime >= (options.extractedSince ?? other.mtime + 1n)) there.mtime = here.mtime;
    for (const field of new Set([...Object.keys(here), ...Object.keys(there)])) {
      if (here[field] === there[field]) continue;
      differences.push(`${shown(path)}: ${field} ${here[field] ?? '-'} | ${there[field] ?? '-'}`);
    }
  }
  return differences;
}

function onlyOne(path: string, left: Node | undefined, right: Node | undefined): string[] {
  const node = left ?? right;
  if (path === '' || node === undefined) return [];
  return [`${shown(path)}: only on the ${left === undefined ? 'right' : 'left'}, a ${node.type}`];
}

function fields(
  node: Node,
  { mtimes = 'nanoseconds', xattrs }: Comparison,
): Record<string, string | undefined> {
  return {
    type: node.type,
    mode: node.type === 'symlink' ? undefined : node.mode.toString(8),
    owner: `${node.uid}:${node.gid}`,
    size: node.size?.toString(),
    sha256: node.sha256,
    link: node.link === undefined ? undefined : shown(node.link),
    device: node.device,
    mtime: mtimes === 'ignored' ? undefined : timeText(node.mtime, mtimes),
    xattrs: xattrs === 'ignored' ? undefined : xattrsText(node),
  };
}

function xattrsText(node: Node): string {
  const texts = Object.entries(node.xattrs).map(([name, value]) => `${name}=${value}`);
  return texts.sort().join(' ');
}

function timeText(nanoseconds: bigint, precision: 'nanoseconds' | 'seconds'): string {
  const fraction = BigInt.asUintN(64, ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
  const seconds = (nanoseconds - fraction) / 1_000_000_000n;
  return precision === 'seconds' ? String(seconds) : `${seconds}.${String(fraction).padStart(9, '0')}`;
}

/** For each path that shares its node, all the paths that do. */
function groupTexts(tree: Tree): Map<string, string> {
  const texts = new Map<string, string>();
  for (const group of tree.hardLinkGroups().values()) {
    for (const path of group) texts.set(path, group.map(shown).join(' = '));
  }
  return texts;
}
