import { resolve } from 'node:path';
import { DimgxError } from '../errors.ts';
import { type BucketPlace, bucketLocation } from './bucket-place.ts';
import { DeferredStore } from './deferred-store.ts';
import { DirectoryStore } from './directory-store.ts';
import { grammarFault } from './key.ts';
import { checkS3Settings, type S3Settings } from './s3-settings.ts';
import type { ArtifactStore } from './store.ts';

/** Bytes. With a key it must stay below the 1,024 of an S3 key. */
const maxPrefix = 400;

/**
 * The store at `file:DIR` or `s3://BUCKET[/PREFIX]`; `settings` count for the latter. Nothing is reached for yet:
 * `check` does that. Throws `CONFIG_INVALID`.
 */
export function openStore(location: string, settings: S3Settings = {}): ArtifactStore {
  if (location.startsWith('file:')) return new DirectoryStore(folderOf(location.slice('file:'.length)));
  if (location.startsWith('s3://')) return s3Store(placeOf(location.slice('s3://'.length)), settings);
  throw invalid('must be file:DIR or s3://BUCKET/PREFIX');
}

/** The S3 SDK takes a quarter of a second of CPU and 30 MB to load, so that waits until there is a request to make. */
function s3Store(place: BucketPlace, settings: S3Settings): ArtifactStore {
  checkS3Settings(settings);
  return new DeferredStore(bucketLocation(place), async () => {
    const { S3Store } = await import('./s3-store.ts');
    return new S3Store(place, settings);
  });
}

/** `file:///a/b`, as URLs write it, is `/a/b`; other hosts than this one are none of ours. */
function folderOf(text: string): string {
  if (text === '' || text.includes('\0') || /^\/\/[^/]/.test(text)) throw invalid('must be file:DIR');
  return resolve(text);
}

function placeOf(text: string): BucketPlace {
  const slash = text.indexOf('/');
  const bucket = slash === -1 ? text : text.slice(0, slash);
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw invalid('names no bucket: s3://BUCKET/PREFIX');
  const prefix = slash === -1 ? '' : text.slice(slash + 1).replace(/\/$/, '');
  const fault = prefix === '' ? undefined : grammarFault(prefix);
  if (fault !== undefined) throw invalid(`has a prefix that ${fault}`);
  if (prefix.length > maxPrefix) throw invalid(`has a prefix of more than ${maxPrefix} bytes`);
  return { bucket, prefix };
}

/** Never quotes the location: people write passwords into URLs. */
function invalid(fault: string): DimgxError {
  return new DimgxError('CONFIG_INVALID', `the location of the store ${fault}`);
}
