import type { LayerEntry, ModelImage } from './layer-entry.ts';

/** A smaller image that fails as well: layers and entries are left out and made plain as long as it still fails. */
export async function shrunk(
  image: ModelImage,
  fails: (image: ModelImage) => Promise<boolean>,
): Promise<ModelImage> {
  let smallest = image;
  for (let found = true; found; ) {
    found = false;
    for (const candidate of candidates(smallest)) {
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}

function* candidates(image: ModelImage): Generator<ModelImage> {
  for (const index of image.keys()) yield image.toSpliced(index, 1);
  for (const [index, layer] of image.entries()) {
    for (const at of layer.entries.keys()) {
      yield image.with(index, { ...layer, entries: layer.entries.toSpliced(at, 1) });
    }
    for (const [at, entry] of layer.entries.entries()) {
      for (const plainer of plainerEntries(entry)) {
        yield image.with(index, { ...layer, entries: layer.entries.with(at, plainer) });
      }
    }
    if (layer.endBlocks !== 2 || layer.globalHeaders) {
      yield image.with(index, { ...layer, endBlocks: 2, globalHeaders: false });
    }
  }
}

function* plainerEntries(entry: LayerEntry): Generator<LayerEntry> {
  const { sparse, xattrs, content, ...rest } = entry;
  if (sparse !== undefined || xattrs !== undefined || content !== undefined) yield rest;
  const plain = { mode: 0o644, uid: 0, gid: 0, mtime: 0, dialect: 'pax' } as const;
  if (Object.entries(plain).some(([key, value]) => entry[key as keyof LayerEntry] !== value))
    yield { ...entry, ...plain };
}

/** For messages: one line an entry, oldest layer first, with what an entry needs to be written again. */
export function described(image: ModelImage): string {
  return image
    .map(({ entries, ...layer }, index) =>
      [
        `layer ${index} ${JSON.stringify(layer)}`,
        ...entries.map((entry) => `  ${JSON.stringify(entry)}`),
      ].join('\n'),
    )
    .join('\n');
}
