import { type Layer, layer } from './layer.ts';

/** A small generator of the same numbers for the same seed: mulberry32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to 1, 1 left out. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }
}

const names = ['a', 'b', 'c', 'dir', 'é', 'x.wh.y'] as const;

/**
 * Layers of few names, so that they meet: files, directories, links, devices, whiteouts and opaque markers, in any
 * order that extractors take. What a layer refers to (a hard link's target) is there when it does.
 */
export function randomLayers(seed: number): Layer[] {
  const random = new Random(seed);
  const generator = new LayerGenerator(random);
  return Array.from({ length: 1 + random.below(4) }, () => generator.layer());
}

class LayerGenerator {
  readonly #random: Random;
  /** Kinds of the paths that are there after the entries so far. */
  readonly #kinds = new Map<string, 'directory' | 'file' | 'symlink' | 'other'>();

  constructor(random: Random) {
    this.#random = random;
  }

  layer(): Layer {
    const count = 1 + this.#random.below(12);
    const written = new Set<string>();
    let built = layer();
    for (let i = 0; i < count; i++) built = this.#entry(built, written);
    return built;
  }

  #entry(built: Layer, written: Set<string>): Layer {
    const random = this.#random;
    const path = this.#path();
    const attributes = {
      mode: random.pick([0o644, 0o755, 0o4755, 0o600]),
      uid: random.below(3),
      mtime: 1e9 + random.below(100),
    };
    const roll = random.next();
    if (roll < 0.15) return this.#remove(path, written) ? built.whiteout(path) : built;
    if (roll < 0.2) return this.#empty(path, written) ? built.opaque(path) : built;
    if (!this.#place(path, roll < 0.5 ? 'directory' : 'file', written)) return built;
    if (roll < 0.5) return built.directory(path, attributes);
    if (roll < 0.75) return built.file(path, `content ${random.below(1000)}`, attributes);
    if (roll < 0.8) {
      this.#kinds.set(path, 'symlink');
      return built.symlink(path, random.pick(['a', '../b', '/dir', 'nowhere']), attributes);
    }
    if (roll < 0.85) {
      this.#kinds.set(path, 'other');
      return random.chance(0.5) ? built.fifo(path, attributes) : built.device(path, 'char', 1, 3, attributes);
    }
    const target = this.#target(path);
    return target === undefined
      ? built.file(path, 'no target', attributes)
      : built.hardlink(path, target, attributes);
  }

  #path(): string {
    const depth = 1 + this.#random.below(3);
    return Array.from({ length: depth }, () => this.#random.pick(names)).join('/');
  }

  /** Puts a path there; false if a parent is no plain directory. */
  #place(path: string, kind: 'directory' | 'file', written: Set<string>): boolean {
    const parents = parentsOf(path);
    if (parents.some((parent) => (this.#kinds.get(parent) ?? 'directory') !== 'directory')) return false;
    for (const parent of parents) {
      this.#kinds.set(parent, 'directory');
      written.add(parent);
    }
    if (!(kind === 'directory' && this.#kinds.get(path) === 'directory')) this.#drop(path);
    this.#kinds.set(path, kind);
    written.add(path);
    return true;
  }

  #drop(path: string): void {
    for (const other of [...this.#kinds.keys()]) {
      if (other === path || other.startsWith(`${path}/`)) this.#kinds.delete(other);
    }
  }

  #remove(path: string, written: Set<string>): boolean {
    if (!this.#reachable(path)) return false;
    for (const other of [...this.#kinds.keys()]) {
      if ((other === path || other.startsWith(`${path}/`)) && !written.has(other)) this.#kinds.delete(other);
    }
    return true;
  }

  #empty(path: string, written: Set<string>): boolean {
    if (!this.#reachable(path) || this.#kinds.get(path) !== 'directory') return false;
    for (const other of [...this.#kinds.keys()]) {
      if (other.startsWith(`${path}/`) && !written.has(other)) this.#kinds.delete(other);
    }
    return true;
  }

  #reachable(path: string): boolean {
    return parentsOf(path).every((parent) => this.#kinds.get(parent) === 'directory');
  }

  #target(path: string): string | undefined {
    const files = [...this.#kinds]
      .filter(([other, kind]) => kind === 'file' && other !== path)
      .map(([other]) => other);
    const [first, ...rest] = files;
    return first === undefined ? undefined : this.#random.pick([first, ...rest]);
  }
}

function parentsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
