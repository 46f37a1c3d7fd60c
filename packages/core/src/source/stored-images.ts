import { DimgxError } from '../errors.ts';
import type { Content } from './content.ts';
import { dockerImages } from './docker-images.ts';
import { legacyImages, legacyImagesById } from './legacy-images.ts';
import { readTopIndex } from './oci-documents.ts';
import { ociImages, ociImagesById } from './oci-images.ts';
import type { ReadingBounds } from './source.ts';
import type { StoredImage } from './stored-image.ts';

/**
 * The images of an archive or a folder, whatever wrote them. Where both a docker manifest and an OCI index tell of
 * them, `first` says which is asked first: they may go by different names there.
 *
 * Throws `ARCHIVE_INVALID` where nothing tells of images, else what reading the documents throws.
 */
export async function storedImages(
  content: Content,
  first: 'docker' | 'oci',
  bounds: ReadingBounds,
): Promise<StoredImage[]> {
  const docker = () => dockerImages(content);
  const oci = () => ociLayoutImages(content);
  const images =
    first === 'docker' ? ((await docker()) ?? (await oci())) : ((await oci()) ?? (await docker()));
  const found = images ?? (await legacyImages(content, bounds));
  if (found !== undefined) return found;
  if (content.cutOff) throw content.missing('manifest.json', 'the list of its images');
  throw new DimgxError(
    'ARCHIVE_INVALID',
    `${content.label} is no image: it has no manifest.json, no index.json that names an image, and no repositories`,
  );
}

/**
 * Images that are listed below others or not at all, and so go by their ids alone: manifests in an index of several
 * platforms, and the ancestors of images that were saved before docker 1.10.
 */
export async function imagesById(content: Content, bounds: ReadingBounds): Promise<StoredImage[]> {
  const descriptors = await readTopIndex(content);
  if (descriptors !== undefined) return ociImagesById(content, descriptors);
  return (await dockerImages(content)) === undefined ? legacyImagesById(content, bounds) : [];
}

async function ociLayoutImages(content: Content): Promise<StoredImage[] | undefined> {
  const descriptors = await readTopIndex(content);
  const images = descriptors && ociImages(content, descriptors);
  return images === undefined || images.length === 0 ? undefined : images;
}
