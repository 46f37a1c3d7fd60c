import { DimgxError } from '../errors.ts';
import { familiarName, parseImageName } from '../image/image-name.ts';

/** One layer: by its place from the newest, `@0`, by the start of an id or digest, or by a tag as docker prints it. */
export type LayerPointer =
  | { readonly by: 'place'; readonly place: number }
  | { readonly by: 'prefix'; readonly hex: string }
  | { readonly by: 'tag'; readonly tag: string };

/** What a `-l SPEC` asks for: one layer, or all from one to another in that order. */
export interface LayerSpec {
  readonly text: string;
  readonly from: LayerPointer;
  readonly to?: LayerPointer;
}

const pointer = `@[0-9]{1,9}|(?:sha256:)?[0-9a-f]{1,64}`;
const specPattern = new RegExp(`^(${pointer})(?::(${pointer}))?$`, 'i');

/** Reads `HEX`, `@N`, a range `A:B` of these, or `NAME:TAG`, which is none of them. Throws `USAGE`. */
export function parseLayerSpec(text: string): LayerSpec {
  const match = specPattern.exec(text);
  if (match === null) return { text, from: tagPointer(text) };
  const [, from, to] = match;
  return { text, from: pointerOf(from), ...(to === undefined ? {} : { to: pointerOf(to) }) };
}

function tagPointer(text: string): LayerPointer {
  const parsed = parseImageName(text);
  const tagged = text.lastIndexOf(':') > text.lastIndexOf('/');
  if (tagged && 'name' in parsed && parsed.name.digest === undefined) {
    return { by: 'tag', tag: familiarName(parsed.name) };
  }
  const forms = 'the start of an id, @N (0 is the newest), a range A:B, or a tag NAME:TAG';
  throw new DimgxError('USAGE', `${JSON.stringify(text.slice(0, 200))} is no layer: write ${forms}`);
}

function pointerOf(text: string): LayerPointer {
  if (text.startsWith('@')) return { by: 'place', place: Number(text.slice(1)) };
  return { by: 'prefix', hex: text.toLowerCase().replace('sha256:', '') };
}
