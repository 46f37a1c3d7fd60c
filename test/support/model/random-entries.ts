import type { Node } from '../tree/tree.ts';
import type { LayerEntry } from './layer-entry.ts';
import type { Random } from './random.ts';

const long = 'n'.repeat(120);
/** Few, and half of them plain, so that entries meet. `\xc3\xa9` is é in UTF-8, `\xe9` alone is no UTF-8. */
const plainNames = ['a', 'b', 'c', 'd'] as const;
const awkwardNames = [
  ...['x.wh.y', '\xc3\xa9', '\xe9', 'new\nline', 'C:x', 'back\\slash', ' s ', '...', '-', 'a.wh.', long],
] as const;
const aufsNames = ['.wh..wh.plnk', '.wh..wh.aufs', '.wh..wh.orph'] as const;

const targets = [
  ...['a', '../b', 'a/b', '/a', '/', '.', '..', '../../../c', './/a/', 'nowhere/x', 'd/../a', '\xe9/y', ''],
  ...['.wh.x', `${long}/${long}`, 'b/../../d'],
] as const;

type Attributes = Pick<LayerEntry, 'mode' | 'uid' | 'gid' | 'mtime' | 'dialect'> &
  Pick<Partial<LayerEntry>, 'xattrs'>;

/** Makes entries of every kind, mostly about what is there already. */
export class RandomEntries {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** One entry over the paths that are there, and what shall stand behind it, anywhere in the layer. */
  next(there: ReadonlyMap<string, Node>): LayerEntry[] {
    const random = this.#random;
    const path = this.#path(there);
    const make = random.weighted<() => LayerEntry[]>([
      [22, () => [this.#entry(path, '5')]],
      [24, () => [this.#file(path)]],
      [4, () => [this.#sparse(path)]],
      [12, () => [{ ...this.#entry(path, '2'), link: this.#target(there) }]],
      [12, () => [this.#link(path, there)]],
      [4, () => this.#lateLink(path)],
      [13, () => [this.#whiteout(path)]],
      [5, () => [this.#opaque(path)]],
      [6, () => [this.#special(path)]],
      [2, () => [{ ...this.#entry('', '5'), name: random.pick(['./', '/', '.', '', 'a/..']) }]],
      [2, () => [this.#entry(`${random.pick(aufsNames)}/${random.pick(plainNames)}`, '0')]],
      [1, () => [this.#entry(`${path}/.wh.${random.pick(['', '.', '..', '.wh..opqX'])}`, '0')]],
    ]);
    return (make ?? (() => []))();
  }

  #name(): string {
    return this.#random.chance(0.75) ? this.#random.pick(plainNames) : this.#random.pick(awkwardNames);
  }

  /** Something that is there, something in a directory that is there, or anything. */
  #path(there: ReadonlyMap<string, Node>): string {
    const random = this.#random;
    const paths = [...there.keys()].filter((path) => path !== '');
    const existing = random.any(paths);
    if (existing !== undefined && random.chance(0.4)) return existing;
    if (existing !== undefined && random.chance(0.5)) return `${existing}/${this.#name()}`;
    return Array.from({ length: random.pick([1, 1, 2, 2, 3, 4]) }, () => this.#name()).join('/');
  }

  /** A path as some writer spells it. */
  #spelled(path: string): string {
    const random = this.#random;
    if (!random.chance(0.2)) return path;
    const respell = random.pick<(path: string) => string>([
      (clean) => `./${clean}`,
      (clean) => `/${clean}`,
      (clean) => clean.replaceAll('/', '//'),
      (clean) => clean.replaceAll('/', '/./'),
      (clean) => `q/../${clean}`,
      (clean) => `../../${clean}`,
      (clean) => `${clean}/`,
      (clean) => `${clean}/q/..`,
    ]);
    return respell(path);
  }

  #entry(path: string, type: LayerEntry['type']): LayerEntry {
    return { name: this.#spelled(path), type, ...this.#attributes(type) };
  }

  #attributes(type: LayerEntry['type']): Attributes {
    const random = this.#random;
    const mayHaveXattrs = type === '0' || type === '5';
    return {
      mode: random.pick([0o644, 0o755, 0o600, 0o4755, 0o2750, 0o1777, 0]),
      uid: random.pick([0, 0, 1, 1000, 3_000_000]),
      gid: random.pick([0, 0, 7, 4_000_000_000]),
      mtime: random.pick([0, 1e9, 1e9 + random.below(100), 1_500_000_000.25, -1.5, -86_400, 8_600_000_000]),
      dialect: random.pick(['pax', 'pax', 'gnu']),
      ...(mayHaveXattrs && random.chance(0.1)
        ? { xattrs: { 'user.x': random.pick(['1', 'a=b\nc', '\0\xff', '']) } }
        : {}),
    };
  }

  #file(path: string): LayerEntry {
    const random = this.#random;
    const size = random.pick([0, 1, 7, 511, 512, 513, 3000]);
    const content = String.fromCharCode(97 + random.below(26)).repeat(size);
    return { ...this.#entry(path, random.chance(0.95) ? '0' : '7'), content };
  }

  #sparse(path: string): LayerEntry {
    const random = this.#random;
    const count = random.below(8);
    const pieces = Array.from({ length: count }, (_, index) => ({
      offset: index * 8192 + 1024 * random.below(4),
      content: String.fromCharCode(65 + random.below(26)).repeat(512 * (1 + random.below(2))),
    }));
    const size = count * 8192 + random.below(5000);
    return { ...this.#entry(path, '0'), sparse: { form: random.pick(['gnu-old', 'pax-1.0']), size, pieces } };
  }

  #target(there: ReadonlyMap<string, Node>): string {
    const random = this.#random;
    const existing = random.any([...there.keys()]);
    if (existing === undefined || random.chance(0.5)) return random.pick(targets);
    return random.pick([existing, `/${existing}`, `../${existing}`, `./${existing}/`]);
  }

  /** To what is there; now and then to a directory, to itself, to nothing, or with a mode of its own. */
  #link(path: string, there: ReadonlyMap<string, Node>): LayerEntry {
    const random = this.#random;
    const files = [...there].filter(([, { type }]) => type !== 'directory').map(([name]) => name);
    const target = random.chance(0.92) ? random.any(files) : random.pick([path, this.#path(there)]);
    return { ...this.#entry(path, '1'), link: this.#spelled(target ?? this.#path(there)).replace(/\/$/, '') };
  }

  /** A link whose target comes behind it, perhaps over one more link. */
  #lateLink(path: string): LayerEntry[] {
    const random = this.#random;
    const [middle, last] = [`late${random.below(3)}`, `late${3 + random.below(3)}`];
    const link = { ...this.#entry(path, '1'), link: this.#spelled(middle) };
    if (random.chance(0.6)) return [link, this.#file(middle)];
    return [link, { ...this.#entry(middle, '1'), link: last }, this.#file(last)];
  }

  #whiteout(path: string): LayerEntry {
    const random = this.#random;
    const slash = path.lastIndexOf('/') + 1;
    const type = random.pick<LayerEntry['type']>(['0', '0', '0', '0', '5', '3', '2', '1', '6']);
    const name = `${path.slice(0, slash)}.wh.${path.slice(slash)}`;
    return { ...this.#entry(name, type), link: 'a', device: { major: 0, minor: 0 } };
  }

  #opaque(path: string): LayerEntry {
    return this.#entry(this.#random.chance(0.15) ? '.wh..wh..opq' : `${path}/.wh..wh..opq`, '0');
  }

  #special(path: string): LayerEntry {
    const random = this.#random;
    const type = random.pick<LayerEntry['type']>(['3', '4', '6']);
    const device = { major: random.below(300), minor: random.pick([0, 3, 70_000]) };
    return { ...this.#entry(path, type), device };
  }
}
