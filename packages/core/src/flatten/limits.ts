import { DimgxError } from '../errors.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const TIB = 1024 * GIB;

/** What is known of one limit. Its least value is 1. */
interface Bound {
  readonly default: number;
  /** The highest value that the engine can do with. */
  readonly most: number;
  readonly meaning: string;
}

/**
 * Bounds on what an image may make us do: an image is hostile input. The names are those of the library's `limits`,
 * of `--limits` and of `DIMGX_LIMITS`.
 */
export const limitBounds = {
  entries: {
    default: 10_000_000,
    most: 100_000_000,
    meaning: 'Entries of all layers together, and paths that they make, implied directories included.',
  },
  nameBytes: {
    default: 1 * GIB,
    most: 4 * GIB - 1,
    meaning: 'Bytes of all names together, each directory counted once; they are kept in memory.',
  },
  pathBytes: { default: 4096, most: 65_535, meaning: 'Bytes of one path, and of one link target.' },
  pathDepth: { default: 512, most: 4096, meaning: 'Components of one path.' },
  symlinkHops: { default: 40, most: 1000, meaning: 'Symbolic links on the way to one entry.' },
  headerBytes: {
    default: 1 * MIB,
    most: 1 * GIB,
    meaning: 'Bytes of one extended header: PAX records, a GNU long name, a sparse map.',
  },
  uncompressedBytes: {
    default: 1 * TIB,
    most: 1024 * TIB,
    meaning:
      'Bytes of all layers together, uncompressed; also of the flattened tar, and of an archive that is spooled.',
  },
  compressionRatio: {
    default: 2000,
    most: 1_000_000,
    meaning: 'Uncompressed over compressed size of one layer or archive, once it has given more than 64 MiB.',
  },
} as const satisfies Record<string, Bound>;

/** The name of a limit. */
export type LimitName = keyof typeof limitBounds;

/** A value for each limit of `limitBounds`, which tells what they mean. */
export type Limits = Readonly<Record<LimitName, number>>;

/** All limits there are. */
export const limitNames = Object.keys(limitBounds) as readonly LimitName[];

/** The limits that were chosen, and the default of each other. Throws `USAGE` for one beyond its bounds. */
export function limitsWith(chosen: Partial<Limits> = {}): Limits {
  const limits: [LimitName, number][] = limitNames.map((name) => {
    const value = chosen[name] ?? limitBounds[name].default;
    const fault = limitFault(name, value);
    if (fault !== undefined) throw new DimgxError('USAGE', fault);
    return [name, value];
  });
  return Object.fromEntries(limits) as Limits;
}

/** Why a limit can't have this value; undefined if it can. */
export function limitFault(name: LimitName, value: number): string | undefined {
  const { most } = limitBounds[name];
  if (Number.isInteger(value) && value >= 1 && value <= most) return undefined;
  return `the limit ${name} is a whole number from 1 to ${most}, not ${value}`;
}

/** What counts where nothing was chosen. */
export const defaultLimits: Limits = limitsWith();

/** Little data may compress to next to nothing, and does no harm. */
const RATIO_COUNTS_FROM = 64 * MIB;

/** Bytes that compressed data of `size` bytes may unpack to. */
export function mostUnpacked(size: number, { compressionRatio }: Limits): number {
  return Math.max(RATIO_COUNTS_FROM, size * compressionRatio);
}
