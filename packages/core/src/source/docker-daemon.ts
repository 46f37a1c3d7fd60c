import { DimgxError } from '../errors.ts';
import { digestFromHex, digestHex } from '../image/digest.ts';
import type { Image, ImageDescription } from '../image/image.ts';
import { formatPlatform, platformMatches } from '../image/platform.ts';
import type { EngineImage } from '../image/reference.ts';
import { ArchiveContent } from './archive-content.ts';
import { type ArchiveFile, openArchiveFrom } from './archive-file.ts';
import { describeRecord, type StoredLayer } from './describe-record.ts';
import { withChildren } from './docker-daemon-children.ts';
import { DockerEngine, type InspectedImage } from './docker-daemon-engine.ts';
import { engineHistory } from './docker-daemon-history.ts';
import { savedArchiveError } from './docker-daemon-save.ts';
import { executionOf, given, platformOf } from './image-config.ts';
import { readTopIndex } from './oci-documents.ts';
import { openRecord, readRecord } from './open-record.ts';
import { PhaseProgress } from './phase-progress.ts';
import type { ByteTaker } from './read-socket.ts';
import type { Source, SourceOptions } from './source.ts';
import type { ImageFacts, ImageRecord } from './stored-image.ts';

/** Of images that a message has to name. */
const MOST_LISTED = 10;

interface PinnedImage {
  readonly facts: ImageFacts;
  readonly stored: readonly StoredLayer[];
}

/** An image of a Docker engine, or of one that speaks like it. `describe` asks; only `open` has the image saved. */
export class DockerDaemonSource implements Source {
  readonly #image: EngineImage;
  readonly #options: SourceOptions;
  readonly #engine: DockerEngine;
  #pinning: Promise<PinnedImage> | undefined;

  /** Throws `CONFIG_INVALID` where the engine's host can't be understood. */
  constructor(image: EngineImage, options: SourceOptions) {
    this.#image = image;
    this.#options = options;
    this.#engine = new DockerEngine(options.dockerHost, options.signal);
  }

  async describe(): Promise<ImageDescription> {
    const { facts, stored } = await this.#pin();
    return describeRecord(facts, stored, this.#reference);
  }

  async open(): Promise<Image> {
    const { facts } = await this.#pin();
    const archive = await this.#saved(facts);
    try {
      const content = await ArchiveContent.scan(archive, this.#options);
      const { platform } = facts.config;
      // What an engine saves comes as a stream too.
      const wish = { reference: { transport: 'stdin' }, first: 'docker', platform } as const;
      const record = await readRecord(content, wish, this.#options);
      await this.#checkSaved(facts, content, record);
      // An archive that was saved by id has no tags, and tells nothing of the engine's ids.
      const { digest, id, repoTags, stacks } = facts;
      return await openRecord(content, { ...record, digest, id, repoTags, stacks }, this.#reference);
    } catch (error) {
      throw savedArchiveError(this.#engine.label, archive) ?? error;
    } finally {
      await archive.release();
    }
  }

  async close(): Promise<void> {
    this.#engine.close();
  }

  get #reference(): string {
    return `docker-daemon:${this.#image.text}`;
  }

  #pin(): Promise<PinnedImage> {
    this.#pinning ??= this.#pinOnce();
    return this.#pinning;
  }

  async #pinOnce(): Promise<PinnedImage> {
    new PhaseProgress('resolve', this.#options.onProgress).done();
    const inspected = await this.#find();
    const lines = await this.#engine.history(inspected.Id);
    if (lines === undefined) throw this.#notFound();
    const diffIds = inspected.RootFS.Layers ?? [];
    const { history, sizes, stacks } = engineHistory(lines, diffIds);
    const id = inspected.Id.replace('sha256:', '');
    const facts: ImageFacts = {
      digest: digestFromHex(id),
      // Engines that keep manifests name images by them; the config's own digest is then told only when it is saved.
      configDigest: digestFromHex(id),
      id,
      repoTags: inspected.RepoTags ?? [],
      config: {
        platform: platformOfEngine(inspected),
        ...given({ created: inspected.Created }),
        execution: executionOf(inspected.Config),
        history,
        diffIds,
      },
      layers: diffIds.map(() => ({})),
      stacks: this.#options.children === true ? withChildren(stacks, await this.#engine.list()) : stacks,
    };
    return { facts, stored: sizes.map((size) => ({ size })) };
  }

  /** The image, pulled before if that was asked for. */
  async #find(): Promise<InspectedImage> {
    const { pull = 'never' } = this.#options;
    if (pull === 'always') await this.#pull();
    let found = await this.#engine.inspect(this.#image.text);
    if (found === undefined) await this.#refuseAmbiguous();
    if (pull === 'missing' && (found === undefined || !this.#isWanted(found))) {
      await this.#pull();
      found = await this.#engine.inspect(this.#image.text);
    }
    if (found === undefined) throw this.#notFound();
    if (!this.#isWanted(found)) throw this.#wrongPlatform(found);
    return found;
  }

  /** The engine says of the start of several ids what it says of that of none. */
  async #refuseAmbiguous(): Promise<void> {
    const { text } = this.#image;
    const prefix = text.replace(/^sha256:/, '');
    if (!/^[0-9a-f]{1,63}$/.test(prefix)) return;
    const listed = await this.#engine.list();
    const ids = new Set(
      listed.map(({ Id }) => Id.replace('sha256:', '')).filter((id) => id.startsWith(prefix)),
    );
    if (ids.size < 2) return;
    const some = Array.from(ids).slice(0, MOST_LISTED);
    const which = `${some.join(', ')}${ids.size > some.length ? ', …' : ''}`;
    throw new DimgxError(
      'IMAGE_AMBIGUOUS',
      `${text} is the start of ${ids.size} images of the Docker engine at ${this.#engine.label}: ${which}`,
    );
  }

  /** An id names an image that is there or not; no registry knows it. */
  async #pull(): Promise<void> {
    const { name } = this.#image;
    const { platform, onProgress } = this.#options;
    if (name !== undefined) await this.#engine.pull(name, platform, new PhaseProgress('fetch', onProgress));
  }

  #isWanted(found: InspectedImage): boolean {
    const { platform } = this.#options;
    return platform === undefined || platformMatches(platform, platformOfEngine(found));
  }

  async #saved({ digest }: ImageFacts): Promise<ArchiveFile> {
    const fill = async (taker: ByteTaker): Promise<void> => {
      if (!(await this.#engine.save(digest, taker))) throw this.#notFound();
    };
    return openArchiveFrom(fill, `the archive of ${this.#image.text}`, this.#options);
  }

  /** The id is that of the config, or, in an engine that keeps manifests, of what the archive's index names. */
  async #checkSaved(facts: ImageFacts, content: ArchiveContent, record: ImageRecord): Promise<void> {
    const { digest, config } = facts;
    const index = record.configDigest === digest ? [] : ((await readTopIndex(content)) ?? []);
    const sameImage = record.configDigest === digest || index.some((each) => each.digest === digest);
    if (sameImage && config.diffIds.join() === record.config.diffIds.join()) return;
    throw new DimgxError(
      'DIGEST_MISMATCH',
      `the Docker engine at ${this.#engine.label} saved another image than ${digestHex(digest)}`,
    );
  }

  #notFound(): DimgxError {
    const { text, name } = this.#image;
    const advice = name === undefined ? 'docker images lists what it has' : this.#howToGet(text);
    return new DimgxError(
      'IMAGE_NOT_FOUND',
      `the Docker engine at ${this.#engine.label} has no ${text}: ${advice}`,
    );
  }

  /** A command pulls nothing itself; a job was told not to. */
  #howToGet(text: string): string {
    const byHand = `get it with docker pull ${text}`;
    return this.#options.pull === 'never' ? `${byHand}, or have the job pull it (pull: missing)` : byHand;
  }

  #wrongPlatform(found: InspectedImage): DimgxError {
    const has = formatPlatform(platformOfEngine(found));
    return new DimgxError(
      'PLATFORM_NOT_FOUND',
      `the Docker engine at ${this.#engine.label} has ${this.#image.text} for ${has} alone`,
    );
  }
}

function platformOfEngine({ Os, Architecture, Variant }: InspectedImage): ImageDescription['platform'] {
  return platformOf({ os: Os, architecture: Architecture, variant: Variant });
}
