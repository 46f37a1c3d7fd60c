import { basename } from 'node:path';
import { digestHex } from '../image/digest.ts';
import type { ImageDescription } from '../image/image.ts';
import { familiarRepository, parseImageName } from '../image/image-name.ts';
import { type EngineImage, type ImageReference, parseImageReference } from '../image/reference.ts';

const nameless = 'image';
const maxSegment = 128;
const maxSegments = 3;

/** The first part of an artifact's key: the repository as docker prints it, without tag, in characters of a key. */
export function repositoryOf(image: ImageDescription): string {
  const parsed = parseImageReference(image.reference);
  const given = 'reference' in parsed ? givenName(parsed.reference, image) : undefined;
  return cleaned(given ?? taggedName(image) ?? nameless);
}

/** Where the store has the artifacts of an image, with a slash behind it; empty where the reference does not say. */
export function repositoryFolder(reference: ImageReference): string {
  switch (reference.transport) {
    case 'docker':
      return `${cleaned(familiarRepository(reference.name))}/`;
    case 'docker-daemon':
    case 'plain': {
      const { name, text } = reference.image;
      const mayBeId = /^[0-9a-f]+$/.test(text);
      return name === undefined || mayBeId ? '' : `${cleaned(familiarRepository(name))}/`;
    }
    default:
      return '';
  }
}

/** The name in the reference, where that is a name for sure. */
function givenName(reference: ImageReference, image: ImageDescription): string | undefined {
  switch (reference.transport) {
    case 'docker':
      return familiarRepository(reference.name);
    case 'docker-daemon':
    case 'plain':
      return isIdOf(image, reference.image)
        ? undefined
        : reference.image.name && familiarRepository(reference.image.name);
    case 'docker-archive':
    case 'oci-archive':
      return taggedName(image) ?? basename(reference.file).replace(/\.(tar|tgz|tar\.[a-z0-9]+)$/i, '');
    case 'oci':
      return taggedName(image) ?? basename(reference.folder);
    case 'stdin':
      return undefined;
  }
}

/** `0123456789ab` may be a repository's name, but if the image's id begins so it is meant as that. */
function isIdOf(image: ImageDescription, { text }: EngineImage): boolean {
  return digestHex(image.configDigest).startsWith(text) || digestHex(image.digest).startsWith(text);
}

function taggedName({ repoTags }: ImageDescription): string | undefined {
  const parsed = parseImageName(repoTags[0] ?? '');
  return 'name' in parsed ? familiarRepository(parsed.name) : undefined;
}

function cleaned(name: string): string {
  const segments = name
    .split('/')
    .map((segment) => segment.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, ''))
    .filter((segment) => segment !== '')
    .map((segment) => segment.slice(0, maxSegment));
  return segments.slice(-maxSegments).join('/') || nameless;
}
