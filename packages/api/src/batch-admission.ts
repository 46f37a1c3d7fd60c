import { type BatchFault, type BatchInput, readBatch } from '@dimgx/queue';
import { type Admission, admitImage } from './admission.ts';

/** A batch whose every item may be used, or what is wrong with which of them. */
export type AdmittedBatch = { readonly batch: BatchInput } | { readonly faults: BatchFault[] };

/**
 * Whether all that a batch names may be used; only then its callbacks are registered. Throws `LIMIT_EXCEEDED`, or what
 * the registration throws.
 */
export async function admitBatch(body: unknown, admission: Admission): Promise<AdmittedBatch> {
  const read = await readBatch(body, (image) => identityOf(image, admission));
  if (!('requests' in read)) return { faults: [...read] };
  const callbacks = [read.callback, ...read.requests.map(({ callback }) => callback)];
  const urls = new Set(callbacks.flatMap((callback) => (callback === undefined ? [] : [callback.url])));
  for (const url of urls) await admission.callbacks.register(url);
  return { batch: read };
}

/** The same for each way to write the name of an image. What may be the start of an id is as it is written. */
async function identityOf(image: string, { fileSources }: Admission): Promise<object> {
  const reference = await admitImage(image, fileSources);
  if ('file' in reference) return { ...reference, file: straightened(reference.file) };
  if ('folder' in reference) return { ...reference, folder: straightened(reference.folder) };
  if (!('image' in reference) || /^[0-9a-f]+$/.test(reference.image.text)) return reference;
  return { ...reference, image: reference.image.name ?? reference.image };
}

/** Without what can't lead elsewhere; what `..` leads to, only a host with the file can tell. */
function straightened(path: string): string {
  return path.replaceAll(/\/(?:\.?\/)+/g, '/');
}
