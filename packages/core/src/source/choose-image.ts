import { DimgxError } from '../errors.ts';
import { fullName, parseImageName } from '../image/image-name.ts';
import type { ImageChoice } from '../image/reference.ts';
import { quoted } from './content.ts';
import type { StoredImage } from './stored-image.ts';

const LISTED = 20;
const idPrefix = /^(?:sha256:)?([0-9a-f]{1,64})$/;

/**
 * The image that was asked for, or the only one. `unlisted` finds more that go by their ids; it is asked only for an id
 * that none of those listed has.
 *
 * Throws `IMAGE_NOT_FOUND` or `IMAGE_AMBIGUOUS`, with the names there are.
 */
export async function chooseImage(
  label: string,
  images: readonly StoredImage[],
  choice: ImageChoice | undefined,
  unlisted: () => Promise<readonly StoredImage[]>,
): Promise<StoredImage> {
  let matching = choice === undefined ? images : matches(images, choice);
  if (matching.length === 0 && choice?.by === 'name' && idPrefix.test(choice.text)) {
    matching = matches(await unlisted(), choice);
  }
  const [image] = matching;
  if (image === undefined) {
    const asked = choice?.by === 'index' ? `image @${choice.index}` : quoted(choice?.text ?? '');
    throw new DimgxError('IMAGE_NOT_FOUND', `${label} holds no ${asked}; it holds ${listed(images)}`);
  }
  // One image may be listed more than once.
  if (new Set(matching.map((each) => each.digests[0] ?? each)).size > 1) {
    const message = `${label} holds ${matching.length} such images; name one of ${listed(images, matching)}`;
    throw new DimgxError('IMAGE_AMBIGUOUS', message);
  }
  return image;
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

/** Each by a way to ask for it: its names, else its place; what is not listed by its digest. */
function listed(images: readonly StoredImage[], some: readonly StoredImage[] = images): string {
  const ways = some.slice(0, LISTED).map((image) => {
    if (!images.includes(image)) return quoted(image.digests[0] ?? '');
    if (image.names.length > 0) return image.names.slice(0, LISTED).map(quoted).join(' or ');
    return `@${images.indexOf(image)} (${image.digests[0] ?? 'without a name'})`;
  });
  return ways.join(', ') + (some.length > LISTED ? ', …' : '');
}
