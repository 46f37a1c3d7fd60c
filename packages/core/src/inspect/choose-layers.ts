import { DimgxError } from '../errors.ts';
import { digestHex } from '../image/digest.ts';
import type { ImageDescription, LayerDescription } from '../image/image.ts';
import { type LayerPointer, type LayerSpec, parseLayerSpec } from './layer-spec.ts';

/** Which layers somebody asks for: `-l`, `-r` and `-s` of the command. */
export interface LayerWish {
  /** In the order given: a layer added later overrides those added before. None stands for all layers. */
  readonly specs?: readonly string[];
  /** A layer added earlier overrides those added after it; without specs, an older one the newer ones. */
  readonly reverse?: boolean;
  /** A spec that names no layer is an error. */
  readonly strict?: boolean;
}

/** The layers that specs name. */
export interface ChosenLayers {
  /** Highest precedence first; each once, at the highest that it was asked for. */
  readonly layers: readonly LayerDescription[];
  /** The same as `FlattenOptions.layers` takes them: indices, lowest precedence first. */
  readonly indices: readonly number[];
  /** A line for each spec that names no layer. */
  readonly warnings: readonly string[];
}

/**
 * The layers that the specs name, in their order of precedence.
 *
 * Throws `USAGE` (no spec at all), `LAYER_AMBIGUOUS`, and under `strict` `LAYER_NOT_FOUND`.
 */
export function chooseLayers(image: ImageDescription, wish: LayerWish = {}): ChosenLayers {
  const { specs = [], reverse = false, strict = false } = wish;
  const warnings: string[] = [];
  const added: LayerDescription[] = specs.length === 0 ? [...image.layers] : [];
  for (const spec of specs.map(parseLayerSpec)) {
    const found = layersOf(image, spec);
    if ('layers' in found) {
      added.push(...found.layers);
      continue;
    }
    const message = `${spec.text}: no layer of ${image.reference} is ${found.missing}`;
    if (strict) throw new DimgxError('LAYER_NOT_FOUND', message);
    warnings.push(`${message}; left out`);
  }
  // A set keeps the first of equals: that of the highest precedence.
  const layers = [...new Set(reverse ? added : added.reverse())];
  return { layers, indices: layers.map(({ index }) => index).reverse(), warnings };
}

type Found = { readonly layers: readonly LayerDescription[] } | { readonly missing: string };

function layersOf(image: ImageDescription, { from, to }: LayerSpec): Found {
  const first = layerAt(image, from);
  if (first === undefined) return { missing: named(from) };
  if (to === undefined) return { layers: [first] };
  const last = layerAt(image, to);
  if (last === undefined) return { missing: named(to) };
  if (first.index <= last.index) return { layers: image.layers.slice(first.index, last.index + 1) };
  return { layers: image.layers.slice(last.index, first.index + 1).reverse() };
}

function layerAt(image: ImageDescription, pointer: LayerPointer): LayerDescription | undefined {
  if (pointer.by === 'place') return image.layers.at(-1 - pointer.place);
  if (pointer.by === 'tag') return image.layers.find(({ tags }) => tags.includes(pointer.tag));
  const { hex } = pointer;
  const matching = image.layers.filter((layer) => namesOf(image, layer).some((name) => name.startsWith(hex)));
  if (matching.length > 1) throw ambiguous(image, hex, matching);
  return matching[0];
}

/** All hex digits that a layer goes by; the newest goes by the image's own ids too. */
function namesOf({ layers, digest, configDigest }: ImageDescription, layer: LayerDescription): string[] {
  const own = [layer.id, ...(layer.otherIds ?? []), digestHex(layer.diffId), digestHex(layer.chainId)];
  return layer.index === layers.length - 1 ? [...own, digestHex(digest), digestHex(configDigest)] : own;
}

function ambiguous(image: ImageDescription, hex: string, matching: readonly LayerDescription[]): DimgxError {
  const ways = matching
    .slice(0, 10)
    .map(({ index, id }) => `@${image.layers.length - 1 - index} (${id.slice(0, 12)})`);
  const more = matching.length > ways.length ? ', …' : '';
  return new DimgxError(
    'LAYER_AMBIGUOUS',
    `${hex} is the start of ${matching.length} layers of ${image.reference}: ${ways.join(', ')}${more}`,
  );
}

function named(pointer: LayerPointer): string {
  if (pointer.by === 'place') return `@${pointer.place}`;
  return pointer.by === 'tag' ? pointer.tag : pointer.hex;
}
