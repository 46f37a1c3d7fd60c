import { DimgxError } from '../errors.ts';

/** One layer: by its place from the newest, `@0`, or by the start of an id or digest. */
export type LayerPointer =
  | { readonly by: 'place'; readonly place: number }
  | { readonly by: 'prefix'; readonly hex: string };

/** What a `-l SPEC` asks for: one layer, or all from one to another in that order. */
export interface LayerSpec {
  readonly text: string;
  readonly from: LayerPointer;
  readonly to?: LayerPointer;
}

const pointer = `@[0-9]{1,9}|(?:sha256:)?[0-9a-f]{1,64}`;
const specPattern = new RegExp(`^(${pointer})(?::(${pointer}))?$`, 'i');

/** Reads `HEX`, `@N` or `A:B`. Throws `USAGE`. */
export function parseLayerSpec(text: string): LayerSpec {
  const match = specPattern.exec(text);
  if (match === null) {
    throw new DimgxError(
      'USAGE',
      `${JSON.stringify(text.slice(0, 200))} is no layer: write the start of an id, @N (0 is the newest) or a range A:B`,
    );
  }
  const [, from, to] = match;
  return { text, from: pointerOf(from), ...(to === undefined ? {} : { to: pointerOf(to) }) };
}

function pointerOf(text: string): LayerPointer {
  if (text.startsWith('@')) return { by: 'place', place: Number(text.slice(1)) };
  return { by: 'prefix', hex: text.toLowerCase().replace('sha256:', '') };
}
