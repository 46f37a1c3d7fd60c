import { closeSync, openSync } from 'node:fs';
import { type FlattenOptions, flattenImage, openImage } from '@dimgx/core';

export type FlattenedFileOptions = Partial<FlattenOptions> & { readonly dockerHost?: string };

/** Flattens the image of a reference into a new file, uncompressed unless asked otherwise. */
export async function flattenToFile(
  reference: string,
  path: string,
  { dockerHost, ...choices }: FlattenedFileOptions = {},
): Promise<void> {
  const options: FlattenOptions = {
    compression: { algorithm: 'none' },
    spoolFolder: process.env.TMPDIR ?? '/tmp',
    signal: new AbortController().signal,
    ...choices,
  };
  const image = await openImage(reference, dockerHost === undefined ? {} : { dockerHost });
  const fd = openSync(path, 'wx');
  try {
    await flattenImage(image, { kind: 'file', fd }, options);
  } finally {
    closeSync(fd);
    await image.close();
  }
}
