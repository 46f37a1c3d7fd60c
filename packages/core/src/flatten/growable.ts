/** Typed arrays that double when they are full; the owner passes the index it is about to write. */

type Numbers = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

/** `array`, or a copy of it with room for `index`. */
export function withRoom<A extends Numbers>(array: A, index: number): A {
  if (index < array.length) return array;
  const make = array.constructor as new (length: number) => A;
  const grown = new make(Math.max(index + 1, array.length * 2));
  grown.set(array);
  return grown;
}
