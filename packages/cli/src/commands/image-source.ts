import { tmpdir } from 'node:os';
import {
  DimgxError,
  type Limits,
  type Platform,
  type ProgressListener,
  parsePlatform,
  parseReference,
  type Source,
  sourceFor,
} from '@dimgx/core';
import { readConfiguration } from '../configuration/configuration.ts';

/** What of the configuration concerns images. */
export interface ImageSettings {
  readonly dockerHost?: string;
  readonly spoolFolder: string;
  readonly limits: Partial<Limits>;
  /** Seconds. */
  readonly timeout: number;
}

/** Settings that are options of the commands too, as commander gives them. */
export interface ImageFlags {
  readonly limits?: string;
  readonly timeout?: string;
}

/** Throws `CONFIG_INVALID`. */
export function readImageSettings({ limits: list, timeout: seconds }: ImageFlags): ImageSettings {
  const wanted = { names: ['dockerHost', 'temporary', 'limits', 'timeout'], needed: [] } as const;
  const configuration = readConfiguration(wanted, { limits: list, timeout: seconds }, process.env);
  const { dockerHost, temporary = tmpdir(), limits = {}, timeout } = configuration;
  return { spoolFolder: temporary, limits, timeout, ...(dockerHost !== undefined && { dockerHost }) };
}

export interface ImageWish extends ImageSettings {
  readonly reference: string;
  /** As after `--platform`. */
  readonly platform?: string | undefined;
  readonly signal: AbortSignal;
  /** As in `SourceOptions`. */
  readonly children?: boolean;
  readonly onProgress?: ProgressListener;
}

/**
 * Where the image of the command line comes from; the caller closes it. Throws `REFERENCE_INVALID`, `USAGE`,
 * `CONFIG_INVALID` or `SOURCE_UNSUPPORTED`.
 */
export function imageSource({ reference, platform, timeout: _, ...options }: ImageWish): Source {
  return sourceFor(parseReference(reference), {
    ...options,
    ...(platform !== undefined && { platform: platformOf(platform) }),
  });
}

function platformOf(text: string): Platform {
  const platform = parsePlatform(text);
  if (platform !== undefined) return platform;
  throw new DimgxError('USAGE', `--platform takes os/arch or os/arch/variant, not ${JSON.stringify(text)}`);
}
