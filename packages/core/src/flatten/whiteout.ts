/** OCI layer.md, "Whiteouts", and what AUFS, where they come from, left at the root of its layers. */

const PREFIX = Buffer.from('.wh.');
const OPAQUE_NAME = Buffer.from('.wh..wh..opq');
const AUFS_METADATA = ['.wh..wh.plnk', '.wh..wh.aufs', '.wh..wh.orph'].map((name) => Buffer.from(name));

export type NameClass = 'ordinary' | 'whiteout' | 'opaque' | 'invalid';

export function classifyName(name: Buffer): NameClass {
  if (!isReserved(name)) return 'ordinary';
  if (name.equals(OPAQUE_NAME)) return 'opaque';
  const hidden = hiddenName(name).toString('latin1');
  return hidden === '' || hidden === '.' || hidden === '..' ? 'invalid' : 'whiteout';
}

/** Begins with `.wh.`: never a name of the tree. */
export function isReserved(name: Buffer): boolean {
  return name.length >= PREFIX.length && name[0] === PREFIX[0] && name.compare(PREFIX, 0, 4, 0, 4) === 0;
}

/** What a whiteout takes away. */
export function hiddenName(whiteout: Buffer): Buffer {
  return whiteout.subarray(PREFIX.length);
}

/** A first path component that holds AUFS's own files: kept while applying, since links lead into it, never put out. */
export function isAufsMetadata(name: Buffer): boolean {
  return isReserved(name) && AUFS_METADATA.some((metadata) => metadata.equals(name));
}

export function whiteoutName(hidden: Buffer): Buffer {
  return Buffer.concat([PREFIX, hidden]);
}

export { OPAQUE_NAME };
