import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { z } from 'zod';
import { DimgxError } from '../errors.ts';
import { isDiffId } from '../image/digest.ts';
import { fullName, type ImageName } from '../image/image-name.ts';
import { formatPlatform, type Platform } from '../image/platform.ts';
import { answerOf, dockerError } from './docker-daemon-errors.ts';
import { type DockerHost, dockerHost } from './docker-daemon-host.ts';
import { followPull, pullError } from './docker-daemon-pull.ts';
import { fetchBody } from './fetch-body.ts';
import { executionSchema } from './image-config.ts';
import type { PhaseProgress } from './phase-progress.ts';
import type { ByteTaker } from './read-socket.ts';
import { pour } from './spool.ts';

const inspectSchema = z.object({
  Id: z.string().regex(/^(?:sha256:)?[0-9a-f]{64}$/),
  RepoTags: z.array(z.string()).nullish(),
  Created: z.string().nullish(),
  Os: z.string().nullish(),
  Architecture: z.string().nullish(),
  Variant: z.string().nullish(),
  Config: executionSchema,
  RootFS: z.object({ Layers: z.array(z.string().refine(isDiffId)).nullish() }),
});

export type InspectedImage = z.infer<typeof inspectSchema>;

const historySchema = z.array(
  z.object({
    Id: z.string(),
    Created: z.number(),
    CreatedBy: z.string().nullish(),
    Comment: z.string().nullish(),
    Tags: z.array(z.string()).nullish(),
    Size: z.number(),
  }),
);

const versionSchema = z.object({ Version: z.string().max(100) });

const listSchema = z.array(z.object({ Id: z.string(), ParentId: z.string().nullish() }));

/** dockerode is loaded when an engine is first asked: it takes longer than all else, and archives do without it. */
const require = createRequire(import.meta.url);

/** dockerode has it; its types don't. */
interface SavesImages {
  getImages(options: { names: string[]; abortSignal: AbortSignal }): Promise<Readable>;
}

/** The few requests that we make of a Docker engine. No container is ever created. */
export class DockerEngine {
  readonly #host: DockerHost;
  readonly #docker: Docker & SavesImages;
  readonly #signal: AbortSignal;

  /** Throws `CONFIG_INVALID`. An abort of the signal ends the waiting for any answer; `close` ends the connections. */
  constructor(host: string | undefined, signal: AbortSignal) {
    this.#host = dockerHost(host);
    this.#docker = dockerAt(this.#host);
    this.#signal = signal;
  }

  get label(): string {
    return this.#host.label;
  }

  close(): void {
    this.#host.disconnect();
  }

  /** Such as 27.3.1; undefined where a proxy before the engine does not know the question. */
  async version(): Promise<string | undefined> {
    const answer = await this.#ask('asking for its version', () => this.#docker.version());
    return answer === undefined ? undefined : this.#parsed(versionSchema, answer).Version;
  }

  /** The image of a name or id; undefined if the engine has none. */
  async inspect(name: string): Promise<InspectedImage | undefined> {
    const answer = await this.#ask('looking for the image', () => this.#docker.getImage(name).inspect());
    return answer === undefined ? undefined : this.#parsed(inspectSchema, answer);
  }

  /** Newest line first; undefined if the image has gone. */
  async history(id: string): Promise<z.infer<typeof historySchema> | undefined> {
    const answer = await this.#ask('reading its history', () => this.#docker.getImage(id).history());
    return answer === undefined ? undefined : this.#parsed(historySchema, answer);
  }

  /** All images, those without a tag too; none where a proxy before the engine refuses the list. */
  async list(): Promise<z.infer<typeof listSchema>> {
    try {
      const answer = await this.#ask('listing its images', () => this.#docker.listImages({ all: true }));
      return answer === undefined ? [] : this.#parsed(listSchema, answer);
    } catch (error) {
      if (error instanceof DimgxError && answerOf(error.cause)?.status === 403) return [];
      throw error;
    }
  }

  /**
   * Gives the archive of one image to a taker; false if the image has gone. The engine writes it to its own disk first,
   * which takes minutes for large ones.
   */
  async save(id: string, taker: ByteTaker): Promise<boolean> {
    const signal = this.#signal;
    const { plain } = this.#host;
    const given = await this.#ask('saving the image', async () => {
      if (plain === undefined) {
        await pour(await this.#docker.getImages({ names: [id], abortSignal: signal }), taker, signal);
      } else {
        await fetchBody(plain, `/images/get?names=${encodeURIComponent(id)}`, { taker, signal });
      }
      return true;
    });
    return given ?? false;
  }

  /** Lets the engine fetch an image. Throws `IMAGE_NOT_FOUND`, `PLATFORM_NOT_FOUND` or `PULL_FAILED`. */
  async pull(name: ImageName, platform: Platform | undefined, progress: PhaseProgress): Promise<void> {
    const what = fullName(name);
    const options = {
      fromImage: `${name.domain}/${name.path}`,
      tag: name.digest ?? name.tag,
      ...(platform === undefined ? {} : { platform: formatPlatform(platform) }),
      abortSignal: this.#signal,
    };
    let report: NodeJS.ReadableStream | undefined;
    try {
      report = await this.#unlessAborted(() => this.#docker.createImage(options));
      await followPull(report as Readable, what, progress);
    } catch (error) {
      this.#signal.throwIfAborted();
      const answer = answerOf(error);
      if (answer !== undefined) throw pullError(what, answer.text, error);
      throw report === undefined
        ? dockerError(this.label, `pulling ${what}`, error)
        : brokenPull(what, error);
    }
  }

  async #ask<T>(doing: string, request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#unlessAborted(request);
    } catch (error) {
      this.#signal.throwIfAborted();
      if (answerOf(error)?.status === 404) return undefined;
      throw dockerError(this.label, doing, error);
    }
  }

  /** dockerode passes no signal on for small requests. */
  async #unlessAborted<T>(request: () => Promise<T>): Promise<T> {
    const signal = this.#signal;
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([request(), aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #parsed<T>(schema: z.ZodType<T>, answer: unknown): T {
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new DimgxError(
      'DOCKER_FAILED',
      `what answers at ${this.label} does not speak as a Docker engine does`,
      {
        cause: parsed.error,
      },
    );
  }
}

function brokenPull(what: string, error: unknown): DimgxError {
  if (error instanceof DimgxError) return error;
  return new DimgxError('PULL_FAILED', `the Docker engine broke off pulling ${what}`, { cause: error });
}

function dockerAt({ options }: DockerHost): Docker & SavesImages {
  try {
    const Client: typeof Docker = require('dockerode');
    return new Client(options) as Docker & SavesImages;
  } catch (cause) {
    // It reads DOCKER_HOST and the certificates of the environment even if it is told others.
    throw new DimgxError(
      'CONFIG_INVALID',
      'DOCKER_HOST or DOCKER_CERT_PATH of the environment is not valid',
      { cause },
    );
  }
}
