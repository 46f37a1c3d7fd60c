import { createHash, randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Upload } from '@dimgx/core';

export const MIB = 1024 * 1024;

/** Bytes of which no two stretches are alike. */
export function bytes(size: number): Buffer {
  return randomBytes(size);
}

/** Writes the content from one buffer that is used again and again, as the engine does. */
export async function writeFrom(upload: Upload, content: Buffer, chunkSize = MIB): Promise<void> {
  const chunk = Buffer.alloc(chunkSize);
  for (let offset = 0; offset < content.byteLength; offset += chunkSize) {
    const length = content.copy(chunk, 0, offset, offset + chunkSize);
    await upload.write(chunk.subarray(0, length));
    chunk.fill(0);
  }
}

/** For comparing large contents without printing them. */
export async function sha256(content: Buffer | Readable): Promise<string> {
  const whole = Buffer.isBuffer(content) ? content : await buffer(content);
  return createHash('sha256').update(whole).digest('hex');
}
