import type { LayerEntry, ModelImage, ModelLayer } from './layer-entry.ts';
import { Random } from './random.ts';
import { RandomEntries } from './random-entries.ts';
import { ReferenceTree, RuleFault } from './reference-tree.ts';

export interface RandomImageOptions {
  /** Of entries that are errors by the rules, how many are kept; 0 makes images that can be flattened. */
  readonly faults: number;
  /** Layers in another order, some left out or twice. */
  readonly reorder: boolean;
  /** Says which entries are left out, since whoever judges the image knows another rule for them. */
  readonly refuses?: (entry: LayerEntry, before: ReferenceTree) => boolean;
}

/** An image of few and awkward names, so that they meet; the same for the same seed. */
export function randomImage(seed: number, options: RandomImageOptions): ModelImage {
  const random = new Random(seed);
  const builder = new ImageBuilder(random, options);
  const layers = Array.from({ length: random.pick([1, 2, 2, 3, 3, 4]) }, () => builder.layer());
  if (!options.reorder || !random.chance(0.2)) return layers;
  const chosen = layers.filter(() => random.chance(0.8));
  return chosen.concat(random.chance(0.3) ? chosen.slice(0, 1) : []).sort(() => random.next() - 0.5);
}

class ImageBuilder {
  readonly #random: Random;
  readonly #options: RandomImageOptions;
  #state = new ReferenceTree();

  constructor(random: Random, options: RandomImageOptions) {
    this.#random = random;
    this.#options = options;
  }

  layer(): ModelLayer {
    const random = this.#random;
    const before = this.#state.clone();
    const entries = this.#entries();
    const endBlocks = random.pick([2, 2, 2, 1, 0]);
    const layer = { entries, endBlocks, globalHeaders: random.chance(0.05) };
    if (faultOf(() => this.#state.end()) === undefined || random.chance(this.#options.faults)) return layer;
    // A link's target never came, or a whiteout took it.
    this.#state = before;
    this.#state.begin();
    this.#state.end();
    return { ...layer, entries: [] };
  }

  #entries(): LayerEntry[] {
    const random = this.#random;
    this.#state.begin();
    const entries: LayerEntry[] = [];
    const late: LayerEntry[] = [];
    const maker = new RandomEntries(random);
    for (let left = random.below(12); left > 0; left--) {
      const [entry, ...behind] = maker.next(this.#state.paths());
      if (entry === undefined || !this.#take(entry, entries)) continue;
      late.push(...behind);
    }
    for (const entry of late) this.#take(entry, entries);
    return entries;
  }

  #take(entry: LayerEntry, entries: LayerEntry[]): boolean {
    if (this.#options.refuses?.(entry, this.#state) === true) return false;
    const after = this.#state.clone();
    const fault = faultOf(() => after.apply(entry));
    if (fault !== undefined && !this.#random.chance(this.#options.faults)) return false;
    if (fault === undefined) this.#state = after;
    entries.push(entry);
    return fault === undefined;
  }
}

function faultOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof RuleFault) return error.code;
    throw error;
  }
}
