import { field, isLink, numberField, Type, textField } from './block.ts';
import type { TarEntry } from './reader.ts';

const SLASH = 0x2f;

/**
 * Whether readers disagree on what the entry's header block says, or drop the entry for what stands there without a
 * meaning. The entry's fields are those before its type is sorted out.
 */
export function isOdd(entry: TarEntry): boolean {
  const { block, dialect, type, link } = entry;
  return (
    (dialect === 'gnu' && (hasStrayPrefix(block) || hasStrayMap(block))) ||
    (dialect === 'v7' && hasStrayFields(block)) ||
    (link.length > 0 && !isLink(type)) ||
    isHalfDirectory(entry)
  );
}

/**
 * Go before 1.8 (so Docker before 1.13) wrote a prefix into GNU blocks, where times belong. Other readers take it
 * for times, so such a block can't be passed on as it is.
 */
export function hasStrayPrefix(block: Buffer): boolean {
  if (block[field.prefix[0]] === 0) return false;
  const areTimes =
    numberField(block, field.gnuAtime) !== undefined && numberField(block, field.gnuCtime) !== undefined;
  return !areTimes && textField(block, field.prefix).every((byte) => byte >= 0x20 && byte <= 0x7e);
}

/** Bytes behind the fields of old headers mean nothing, but some readers take them for fields all the same. */
function hasStrayFields(block: Buffer): boolean {
  return block.subarray(field.magic[0]).some((byte) => byte !== 0);
}

/** Some readers take what stands there for a map, whatever the entry's type. */
function hasStrayMap(block: Buffer): boolean {
  const isSparse = block[field.typeflag[0]] === Type.gnuSparse;
  return !isSparse && (block[field.gnuSparseMap[0]] !== 0 || block[field.gnuSparseExtended[0]] !== 0);
}

/** Some readers look for the slash in the header's name, others in the long one that stands before it. */
function isHalfDirectory({ type, path, block }: TarEntry): boolean {
  if (type !== Type.oldFile) return false;
  return (textField(block, field.name).at(-1) === SLASH) !== (path.at(-1) === SLASH);
}
