import { createHash } from 'node:crypto';

/** The ETag that S3 gives these bytes as a part: their md5. Servers that encrypt may give another one. */
export function etagOfBytes(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

/** The ETag of the object that the parts make, in their order: the md5 of their md5s and their number. */
export function etagOfParts(parts: readonly { readonly ETag: string }[]): string {
  const digest = createHash('md5');
  for (const { ETag } of parts) digest.update(Buffer.from(ETag.replaceAll('"', ''), 'hex'));
  return `"${digest.digest('hex')}-${parts.length}"`;
}
