import type { JobRequest, JobTemplate } from '@dimgx/client';
import { DimgxError } from '@dimgx/core';
import { namedValues } from './option-parsers.ts';
import type { JobFlags, SubmitFlags } from './submit-options.ts';
import { suffixWarning } from './suffix-warning.ts';

/** The service's, where none is asked for. */
const usualCompression = 'zstd';

/** The body of `POST /v1/jobs` that the options ask for; what is wrong with it, the service tells. Throws `USAGE`. */
export function submitRequest(image: string, flags: SubmitFlags): JobRequest {
  return {
    image,
    ...requestTemplate(flags),
    destination: flags.key === undefined ? undefined : { key: flags.key },
    callback: flags.callback === undefined ? undefined : { url: flags.callback },
    passthrough: flags.passthrough === undefined ? undefined : jsonOf(flags.passthrough),
  };
}

/** A line if the key's name promises another compression than the artifact gets. */
export function keyWarning({
  key,
  compression,
}: Pick<SubmitFlags, 'key' | 'compression'>): string | undefined {
  return key === undefined ? undefined : suffixWarning(key, compression ?? usualCompression);
}

/** What the options ask for of any image. Throws `USAGE`. */
export function requestTemplate(flags: JobFlags): JobTemplate {
  const { kind, layers, platform, include, exclude, pool, pull, priority, timeout, force } = flags;
  return {
    ...{ kind, layers, platform, include, exclude, pool, pull, priority, force },
    timeoutSeconds: timeout,
    compression: compressionOf(flags),
    labels: flags.label === undefined ? undefined : namedValues('--label', flags.label),
  };
}

function compressionOf({ compression, compressLevel }: JobFlags): JobRequest['compression'] {
  if (compression === undefined && compressLevel === undefined) return undefined;
  return { algorithm: compression ?? usualCompression, level: compressLevel };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DimgxError('USAGE', '--passthrough must be JSON, such as \'{"run": 42}\'', { cause });
  }
}
