import type { Image, ImageDescription } from '../image/image.ts';
import { formatReference } from '../image/reference.ts';
import type { StoredReference } from './choose-image.ts';
import type { Content } from './content.ts';
import { describeRecord, storedLayers } from './describe-record.ts';
import type { Release } from './open-files.ts';
import { openRecord, readRecord } from './open-record.ts';
import type { Source, SourceOptions } from './source.ts';
import type { ImageRecord } from './stored-image.ts';

/** An archive's or a folder's content and the claim that keeps it open. */
export interface OpenedContent {
  readonly content: Content;
  readonly release: Release;
}

export interface StoredImagePlace {
  readonly reference: StoredReference;
  /** Which of an archive's documents is asked first. */
  readonly first: 'docker' | 'oci';
  open(): Promise<OpenedContent>;
}

/** An image in an archive or a folder. What `describe` opened is what `open` gives, whatever the path has become. */
export class StoredImageSource implements Source {
  readonly #place: StoredImagePlace;
  readonly #options: SourceOptions;
  #reading: Promise<{ readonly content: Content; readonly record: ImageRecord }> | undefined;
  #release: Release | undefined;

  constructor(place: StoredImagePlace, options: SourceOptions) {
    this.#place = place;
    this.#options = options;
  }

  async describe(): Promise<ImageDescription> {
    const { content, record } = await this.#read();
    return describeRecord(record, await storedLayers(content, record), this.#reference);
  }

  async open(): Promise<Image> {
    const { content, record } = await this.#read();
    return openRecord(content, record, this.#reference);
  }

  /** As reports name the image. */
  get #reference(): string {
    return formatReference(this.#place.reference);
  }

  async close(): Promise<void> {
    await this.#reading?.catch(() => {
      // Whoever asked for it has heard of it.
    });
    await this.#release?.();
  }

  #read() {
    this.#reading ??= this.#readOnce();
    return this.#reading;
  }

  async #readOnce() {
    const { platform } = this.#options;
    this.#options.signal.throwIfAborted();
    const { content, release } = await this.#place.open();
    this.#release = release;
    return { content, record: await readRecord(content, { ...this.#place, platform }, this.#options) };
  }
}
