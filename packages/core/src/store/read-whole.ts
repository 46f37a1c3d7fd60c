import type { Readable } from 'node:stream';
import { DimgxError } from '../errors.ts';

/** What is read whole is a sidecar, some KiB long; more than this is none. */
const maxBytes = 16 * 1024 * 1024;

/** All bytes of a small object; `STORE_FAILED` as soon as they are more than 16 MiB. */
export async function readWhole(body: Readable, key: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new DimgxError('STORE_FAILED', `${key} has more than 16 MiB, too much to be read whole`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
