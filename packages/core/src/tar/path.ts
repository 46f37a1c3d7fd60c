import { overLimit, show } from './faults.ts';

const SLASH = 0x2f;
const DOT = 0x2e;

/**
 * The components of an entry's path, cleaned lexically as every extractor does: empty ones and `.` go, `..` takes
 * its predecessor along and stops at the root. Reused from entry to entry to spare allocations.
 */
export class PathComponents {
  /** The bytes that the offsets point into; valid until the reader's next entry. */
  bytes: Buffer = Buffer.alloc(0);
  count = 0;
  /** The raw path is the cleaned one to the byte, a directory's trailing slash aside. */
  canonical = false;
  /** The raw path ends with a slash. */
  trailingSlash = false;
  starts: Int32Array;
  ends: Int32Array;

  readonly maxDepth: number;

  constructor(maxDepth: number) {
    this.maxDepth = maxDepth;
    this.starts = new Int32Array(maxDepth);
    this.ends = new Int32Array(maxDepth);
  }

  /** Throws `LIMIT_EXCEEDED` for a path of more than `maxDepth` components. */
  parse(raw: Buffer): void {
    this.bytes = raw;
    this.count = 0;
    this.canonical = raw.length > 0;
    this.trailingSlash = raw.length > 0 && raw[raw.length - 1] === SLASH;
    const end = this.trailingSlash ? raw.length - 1 : raw.length;
    let start = 0;
    for (let i = 0; i <= end; i++) {
      if (i < end && raw[i] !== SLASH) continue;
      this.#take(start, i);
      start = i + 1;
    }
  }

  #take(start: number, end: number): void {
    const length = end - start;
    if (length === 0 || (length === 1 && this.bytes[start] === DOT)) {
      this.canonical = false;
      return;
    }
    if (length === 2 && this.bytes[start] === DOT && this.bytes[start + 1] === DOT) {
      this.canonical = false;
      if (this.count > 0) this.count--;
      return;
    }
    if (this.count === this.maxDepth) {
      throw overLimit(`${show(this.bytes)} is too many directories deep`, 'pathDepth', this.maxDepth);
    }
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.count++;
  }

  component(index: number): Buffer {
    return this.bytes.subarray(this.starts[index], this.ends[index]);
  }
}

/** The components of a symbolic link's target, `..` kept: it is walked in the tree, not lexically. */
export function targetComponents(target: Buffer): { absolute: boolean; components: Buffer[] } {
  const components: Buffer[] = [];
  let start = 0;
  for (let i = 0; i <= target.length; i++) {
    if (i < target.length && target[i] !== SLASH) continue;
    const component = target.subarray(start, i);
    if (component.length > 0 && !(component.length === 1 && component[0] === DOT)) components.push(component);
    start = i + 1;
  }
  return { absolute: target[0] === SLASH, components };
}
