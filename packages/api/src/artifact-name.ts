import { type FlattenReport, traits } from '@dimgx/core';
import type { JobRequest } from '@dimgx/queue';

/** The name under which a download is saved: the one that was asked for, else the image's with its digest. */
export function artifactFileName({ destination }: JobRequest, { artifact }: FlattenReport): string {
  const wanted = destination?.key?.split('/').at(-1);
  if (wanted !== undefined) return wanted;
  // REPOSITORY/IMAGE/FINGERPRINT.SUFFIX, of which the fingerprint would tell nobody anything.
  const [repository = 'image', digest = ''] = artifact.key.split('/').slice(-3);
  return `${repository}-${digest}${traits[artifact.compression].suffix}`;
}
