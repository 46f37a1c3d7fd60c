import { DimgxError } from '../errors.ts';
import type { LayerBlob } from '../image/image.ts';

/** One chosen layer, as the engine needs it. */
export interface EngineLayer {
  readonly blob: LayerBlob;
  /** What messages call it. */
  readonly subject: string;
}

/** The error with the layer that it was met in. */
export function inLayer(subject: string, error: unknown): unknown {
  if (!(error instanceof DimgxError)) return error;
  return new DimgxError(error.code, `${subject}: ${error.message}`, { cause: error.cause });
}
