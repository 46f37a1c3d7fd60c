import { DimgxError } from '../errors.ts';
import { type FileRegion, fillFromRegion } from '../image/file-region.ts';

/**
 * Fills `target` whole from a layer's uncompressed tar. What lies behind the layer's end is zeros: the padding that
 * some writers leave out after the last file. A file that ends before its layer does was cut while we read it.
 */
export function fillFromLayer(layer: FileRegion, target: Uint8Array, position: number): void {
  const length = fillFromRegion(layer, target, position);
  if (length < target.length && position + length < layer.size) {
    throw new DimgxError('LAYER_TRUNCATED', 'the file that holds the layer became shorter while it was read');
  }
  target.fill(0, length);
}
