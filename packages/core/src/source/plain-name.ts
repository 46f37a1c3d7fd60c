import { DimgxError } from '../errors.ts';
import type { Image, ImageDescription } from '../image/image.ts';
import type { EngineImage } from '../image/reference.ts';
import { DockerDaemonSource } from './docker-daemon.ts';
import type { Source, SourceOptions } from './source.ts';

/** An image whose transport was not named: the Docker engine's. Without an engine there is nothing else to ask yet. */
export class PlainNameSource implements Source {
  readonly #text: string;
  readonly #daemon: DockerDaemonSource;

  constructor(image: EngineImage, options: SourceOptions) {
    this.#text = image.text;
    this.#daemon = new DockerDaemonSource(image, options);
  }

  describe(): Promise<ImageDescription> {
    return this.#explained(() => this.#daemon.describe());
  }

  open(): Promise<Image> {
    return this.#explained(() => this.#daemon.open());
  }

  close(): Promise<void> {
    return this.#daemon.close();
  }

  async #explained<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof DimgxError) || error.code !== 'DOCKER_UNREACHABLE') throw error;
      const message = `${error.message}; ${this.#text} can't be read from a registry directly, only from an engine or an archive (docker-archive:FILE)`;
      throw new DimgxError('DOCKER_UNREACHABLE', message, { cause: error.cause });
    }
  }
}
