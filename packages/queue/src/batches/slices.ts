export interface SliceSize {
  readonly bytes: number;
  readonly items: number;
}

/** Texts in their order, in slices that are as large as they may be; one that is larger alone is a slice of its own. */
export function slicesOf(texts: readonly string[], most: SliceSize): string[][] {
  const slices: string[][] = [];
  let slice: string[] = [];
  let bytes = 0;
  for (const text of texts) {
    const size = Buffer.byteLength(text);
    const isFull = slice.length === most.items || (slice.length > 0 && bytes + size > most.bytes);
    if (isFull) {
      slices.push(slice);
      slice = [];
      bytes = 0;
    }
    slice.push(text);
    bytes += size;
  }
  return slice.length === 0 ? slices : [...slices, slice];
}
