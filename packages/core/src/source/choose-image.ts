import { DimgxError } from '../errors.ts';
import { fullName, parseImageName } from '../image/image-name.ts';
import {
  formatReference,
  type ImageChoice,
  type ImageReference,
  parseImageReference,
} from '../image/reference.ts';
import { quoted } from './content.ts';
import type { StoredImage } from './stored-image.ts';

/** What names an archive or a folder of images, and perhaps one of these. */
export type StoredReference = Extract<
  ImageReference,
  { readonly transport: 'docker-archive' | 'oci-archive' | 'oci' | 'stdin' }
>;

const LISTED = 20;
const idPrefix = /^(?:sha256:)?([0-9a-f]{1,64})$/;

/**
 * The image that was asked for, or the only one. `unlisted` finds more that go by their ids; it is asked only for an id
 * that none of those listed has.
 *
 * Throws `IMAGE_NOT_FOUND` or `IMAGE_AMBIGUOUS`, with a reference to each that there is.
 */
export async function chooseImage(
  label: string,
  images: readonly StoredImage[],
  reference: StoredReference,
  unlisted: () => Promise<readonly StoredImage[]>,
): Promise<StoredImage> {
  const choice = reference.transport === 'stdin' ? undefined : reference.choice;
  let matching = choice === undefined ? images : matches(images, choice);
  if (matching.length === 0 && choice?.by === 'name' && idPrefix.test(choice.text)) {
    matching = matches(await unlisted(), choice);
  }
  const [image] = matching;
  if (image === undefined) {
    const asked = choice?.by === 'index' ? `image @${choice.index}` : quoted(choice?.text ?? '');
    const there = listed(reference, images);
    throw new DimgxError('IMAGE_NOT_FOUND', `${label} holds no ${asked}; it holds ${there}`);
  }
  if (areOne(matching)) return image;
  const message = `${label} holds ${matching.length} such images; name one of ${listed(reference, images, matching)}`;
  throw new DimgxError('IMAGE_AMBIGUOUS', message);
}

/** One image may be listed more than once. */
function areOne(images: readonly StoredImage[]): boolean {
  return new Set(images.map((each) => each.digests[0] ?? each)).size === 1;
}

/** A name comes before the start of a digest: so does docker take it. */
function matches(images: readonly StoredImage[], choice: ImageChoice): StoredImage[] {
  if (choice.by === 'index') return images.slice(choice.index, choice.index + 1);
  const { text } = choice;
  const literal = images.filter(({ names }) => names.includes(text));
  if (literal.length > 0) return literal;
  const full = inFull(text);
  const named =
    full === undefined ? [] : images.filter(({ names }) => names.some((name) => inFull(name) === full));
  if (named.length > 0) return named;
  const hex = idPrefix.exec(text)?.[1];
  if (hex === undefined) return [];
  return images.filter(({ digests }) => digests.some((digest) => digest.startsWith(`sha256:${hex}`)));
}

function inFull(name: string): string | undefined {
  const parsed = parseImageName(name);
  return 'name' in parsed ? fullName(parsed.name) : undefined;
}

/** Each as it can be asked for: by a name that is its own, else by its place; what is not listed by its digest. */
function listed(
  reference: StoredReference,
  images: readonly StoredImage[],
  some: readonly StoredImage[] = images,
): string {
  const ways = some.slice(0, LISTED).map((image) => {
    const [digest = 'without a digest'] = image.digests;
    if (!images.includes(image)) return referenceTo(reference, { by: 'name', text: digest });
    const names = image.names.slice(0, LISTED).map((text): ImageChoice => ({ by: 'name', text }));
    const own = names.find((name) => isWritable(reference, name) && areOne(matches(images, name)));
    if (own !== undefined) return referenceTo(reference, own);
    const place = { by: 'index', index: images.indexOf(image) } as const;
    return `${referenceTo(reference, place)} (${image.names[0] === undefined ? digest : quoted(image.names[0])})`;
  });
  return ways.join(', ') + (some.length > LISTED ? ', …' : '');
}

/** Names come from the archive: not each is one that can be written behind its file. */
function isWritable(reference: StoredReference, name: ImageChoice): boolean {
  return 'reference' in parseImageReference(referenceTo(reference, name));
}

function referenceTo(reference: StoredReference, choice: ImageChoice): string {
  const stored =
    reference.transport === 'stdin'
      ? ({ transport: 'docker-archive', file: '/dev/stdin' } as const)
      : reference;
  return formatReference({ ...stored, choice });
}
