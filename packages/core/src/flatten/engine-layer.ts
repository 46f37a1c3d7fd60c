import { DimgxError } from '../errors.ts';
import type { Image, LayerBlob } from '../image/image.ts';

/** One chosen layer, as the engine needs it. */
export interface EngineLayer {
  readonly blob: LayerBlob;
  /** What messages call it. */
  readonly subject: string;
}

/** The layers of these indices, in this order; without them all, oldest first. Throws `LAYER_NOT_FOUND`. */
export function engineLayers({ description, blobs }: Image, chosen?: readonly number[]): EngineLayer[] {
  return (chosen ?? [...blobs.keys()]).map((index) => {
    const blob = blobs[index];
    if (blob === undefined) throw new DimgxError('LAYER_NOT_FOUND', `the image has no layer ${index}`);
    return { blob, subject: `layer ${index} of ${description.reference} (${blob.diffId.slice(0, 19)})` };
  });
}

/** The error with the layer that it was met in. */
export function inLayer(subject: string, error: unknown): unknown {
  if (!(error instanceof DimgxError)) return error;
  return new DimgxError(error.code, `${subject}: ${error.message}`, { cause: error.cause });
}
