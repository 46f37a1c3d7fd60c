import { createHash } from 'node:crypto';
import { type Compression, traits } from '../compress/compression.ts';
import { DimgxError } from '../errors.ts';
import { formatVersion } from '../flatten/format-version.ts';
import type { FlattenOptions } from '../flatten/options.ts';
import { digestHex } from '../image/digest.ts';
import type { ImageDescription } from '../image/image.ts';
import { formatPlatform } from '../image/platform.ts';
import { grammarFault, quoteKey } from './key.ts';
import { repositoryOf } from './repository.ts';

const sidecarSuffix = '.json';
const maxArtifactKeyBytes = 512;
/** A file name of Linux less the sidecar's suffix. */
const maxNameBytes = 250;

/** What of a flatten's options changes the bytes that come out. */
export type FlattenChoices = Pick<
  FlattenOptions,
  'layers' | 'keepWhiteouts' | 'dropEstargz' | 'include' | 'exclude'
> & { readonly compression: Compression };

/** What an artifact goes by. */
export interface ArtifactName {
  readonly key: string;
  /** 64 hex digits. The same work has the same one, wherever its artifact goes. */
  readonly fingerprint: string;
}

/**
 * Where the artifact of this work goes: `REPOSITORY/IMAGE/FINGERPRINT.tar…`, or the key that the request names.
 * Throws `REQUEST_INVALID` for one that is no artifact's key.
 */
export function artifactName(
  image: ImageDescription,
  choices: FlattenChoices,
  destinationKey?: string,
): ArtifactName {
  const fingerprint = fingerprintOf(image, choices);
  if (destinationKey !== undefined) {
    const fault = keyFault(destinationKey);
    if (fault === undefined) return { key: destinationKey, fingerprint };
    throw new DimgxError('REQUEST_INVALID', `the destination key ${quoteKey(destinationKey)} ${fault}`);
  }
  const { suffix } = traits[choices.compression.algorithm];
  const folder = `${repositoryOf(image)}/${digestHex(image.digest).slice(0, 12)}`;
  return { key: `${folder}/${fingerprint}${suffix}`, fingerprint };
}

/** Why this can't be an artifact's key, to be read after its name; undefined if it can. */
export function keyFault(key: string): string | undefined {
  if (key.length > maxArtifactKeyBytes) return `is longer than ${maxArtifactKeyBytes} bytes`;
  if (key.endsWith(sidecarSuffix)) return `ends in ${sidecarSuffix}, as only sidecars do`;
  if (key.length - key.lastIndexOf('/') - 1 > maxNameBytes)
    return `has a name longer than ${maxNameBytes} bytes`;
  return grammarFault(key);
}

/** Where the report on the artifact of this key lies. */
export function sidecarKey(key: string): string {
  return key + sidecarSuffix;
}

/** The artifact's key, if this is the key of a sidecar. */
export function keyOfSidecar(key: string): string | undefined {
  return key.endsWith(sidecarSuffix) ? key.slice(0, -sidecarSuffix.length) : undefined;
}

function fingerprintOf(image: ImageDescription, choices: FlattenChoices): string {
  const { layers = [...image.layers.keys()], compression, keepWhiteouts = false } = choices;
  const work = [
    formatVersion,
    image.digest,
    formatPlatform(image.platform),
    layers.map((index) => diffIdOf(image, index)),
    [compression.algorithm, compression.level ?? null],
    keepWhiteouts,
    patternSet(choices.include),
    patternSet(choices.exclude),
    ...(choices.dropEstargz === true ? ['dropEstargz'] : []),
  ];
  return createHash('sha256').update(JSON.stringify(work)).digest('hex');
}

function diffIdOf(image: ImageDescription, index: number): string {
  const layer = image.layers[index];
  if (layer === undefined) throw new RangeError(`${image.reference} has no layer with index ${index}`);
  return layer.diffId;
}

/** Any of the patterns may match, so neither their order nor a second mention counts. */
function patternSet(patterns: readonly string[] = []): string[] {
  return [...new Set(patterns)].sort();
}
