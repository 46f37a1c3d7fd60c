import { fullName, type ImageName, parseImageName } from '../image/image-name.ts';
import { formatReference, type ImageReference, parseImageReference } from '../image/reference.ts';
import type { FlattenReport } from './flatten-report.ts';

/**
 * Whether a report is on the image that a reference means: it names it in the same words; or by the same name, wherever
 * it was taken from and also where only its tags tell; or has its digest or id.
 */
export function isOfImage(wanted: ImageReference, image: FlattenReport['image']): boolean {
  if (formatReference(wanted) === image.reference) return true;
  if (wanted.transport === 'docker') return hasName(wanted.name, image);
  if (wanted.transport !== 'docker-daemon' && wanted.transport !== 'plain') return false;
  const { name, text } = wanted.image;
  return hasId(text, image) || (name !== undefined && hasName(name, image));
}

/** As an engine takes an id: it may be cut off. */
function hasId(text: string, { digest, configDigest }: FlattenReport['image']): boolean {
  const id = text.startsWith('sha256:') ? text : `sha256:${text}`;
  return digest.startsWith(id) || configDigest.startsWith(id);
}

function hasName(wanted: ImageName, image: FlattenReport['image']): boolean {
  if (wanted.digest === undefined) return namesOf(image).some((name) => isSame(name, wanted));
  return wanted.digest === image.digest && namesOf(image).some((name) => isSameRepository(name, wanted));
}

function isSame(one: ImageName, other: ImageName): boolean {
  return fullName(one) === fullName(other);
}

function isSameRepository(one: ImageName, other: ImageName): boolean {
  return one.domain === other.domain && one.path === other.path;
}

function namesOf({ reference, repoTags }: FlattenReport['image']): ImageName[] {
  const tagged = repoTags.map(parseImageName).map((parsed) => ('name' in parsed ? parsed.name : undefined));
  const parsed = parseImageReference(reference);
  const given = 'reference' in parsed ? nameIn(parsed.reference) : undefined;
  return [given, ...tagged].filter((name) => name !== undefined);
}

function nameIn(reference: ImageReference): ImageName | undefined {
  if (reference.transport === 'docker') return reference.name;
  if (reference.transport === 'docker-daemon' || reference.transport === 'plain') return reference.image.name;
  return undefined;
}
