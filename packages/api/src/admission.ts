import { allowFileSource, checkTransport, DimgxError, type ErrorCode, parseReference } from '@dimgx/core';
import type { Callbacks, JobRequest } from '@dimgx/queue';

export interface Admission {
  readonly callbacks: Pick<Callbacks, 'register'>;
  /** Folders below which images may be files. */
  readonly fileSources: readonly string[];
}

/** The faults that the admission of a request may meet, for the description of a route. */
export const admissionFaults = [
  ...(['REFERENCE_INVALID', 'SOURCE_REFUSED', 'SOURCE_UNSUPPORTED'] as const),
  ...(['ADDRESS_REFUSED', 'LIMIT_EXCEEDED'] as const),
] satisfies readonly ErrorCode[];

/**
 * Whether what a request names may be used: its image, and where its callback goes, which is registered. Throws one
 * of `admissionFaults`.
 */
export async function admit({ image, callback }: JobRequest, admission: Admission): Promise<void> {
  await admitImage(image, admission.fileSources);
  if (callback !== undefined) await admission.callbacks.register(callback.url);
}

/** What the image is. Throws `REFERENCE_INVALID`, `SOURCE_REFUSED` or `SOURCE_UNSUPPORTED`. */
export async function admitImage(
  image: string,
  fileSources: readonly string[],
): Promise<ReturnType<typeof parseReference>> {
  const reference = parseReference(image);
  checkTransport(reference);
  try {
    await allowFileSource(reference, fileSources);
  } catch (error) {
    // Files may lie where the workers are, and not here.
    const isElsewhere = error instanceof DimgxError && elsewhere.has(error.code);
    if (!isElsewhere) throw error;
  }
  return reference;
}

const elsewhere: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['ARCHIVE_NOT_FOUND', 'ARCHIVE_UNREADABLE']);
