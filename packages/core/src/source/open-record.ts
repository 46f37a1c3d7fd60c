import { DimgxError } from '../errors.ts';
import type { Image } from '../image/image.ts';
import type { Platform } from '../image/platform.ts';
import { chooseImage, type StoredReference } from './choose-image.ts';
import type { Content } from './content.ts';
import { describeRecord, layerBlobs, storedLayer } from './describe-record.ts';
import type { ReadingBounds } from './source.ts';
import { checkRecord, type ImageRecord } from './stored-image.ts';
import { imagesById, storedImages } from './stored-images.ts';

export interface RecordWish {
  readonly reference: StoredReference;
  /** Which of an archive's documents is asked first. */
  readonly first: 'docker' | 'oci';
  readonly platform?: Platform;
}

/** Finds the image that is wanted among those of the content, and reads and checks its documents. */
export async function readRecord(
  content: Content,
  wish: RecordWish,
  bounds: ReadingBounds,
): Promise<ImageRecord> {
  const images = await storedImages(content, wish.first, bounds);
  const unlisted = () => imagesById(content, bounds);
  const image = await chooseImage(content.label, images, wish.reference, unlisted);
  const record = await image.read(wish.platform);
  checkRecord(content.label, record, wish.platform);
  return record;
}

/** The image with its layers at hand; it keeps the content's files open until it is closed. */
export async function openRecord(content: Content, record: ImageRecord, reference: string): Promise<Image> {
  const release = content.hold();
  try {
    const blobs = await layerBlobs(content, record);
    let closed = false;
    return {
      description: describeRecord(record, blobs.map(storedLayer), reference),
      get blobs() {
        // Its descriptors may be those of other files by now.
        if (closed) throw new DimgxError('USAGE', `${reference} has been closed`);
        return blobs;
      },
      close: () => {
        closed = true;
        return release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
