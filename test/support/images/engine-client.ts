import { createReadStream, createWriteStream } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

/** The calls to a Docker engine that make images for tests. Docker Engine API 1.41. */
export class EngineClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Makes a one-layer image of a root filesystem's tar. */
  async import(tarFile: string, name: string, tag: string): Promise<void> {
    const query = new URLSearchParams({ fromSrc: '-', repo: name, tag });
    finishedWell(await this.#answer('POST', `/images/create?${query}`, createReadStream(tarFile)));
  }

  /** Builds with the classic builder from a tar that holds a Dockerfile. */
  async build(context: Buffer, reference: string): Promise<void> {
    const query = new URLSearchParams({ t: reference, networkmode: 'host', rm: 'true', forcerm: 'true' });
    finishedWell(await this.#answer('POST', `/build?${query}`, Readable.from([context])));
  }

  /** `docker load`. */
  async load(archive: Buffer | Readable): Promise<void> {
    const body = archive instanceof Readable ? archive : Readable.from([archive]);
    finishedWell(await this.#answer('POST', '/images/load?quiet=1', body));
  }

  /** `docker save`. */
  async save(references: readonly string[], file: string): Promise<void> {
    const query = references.map((reference) => `names=${encodeURIComponent(reference)}`).join('&');
    await pipeline(await this.#send('GET', `/images/get?${query}`), createWriteStream(file));
  }

  /** What the engine tells of an image: `Id`, `RootFS`, … */
  async inspect(reference: string): Promise<Record<string, unknown>> {
    const body = await this.#answer('GET', `/images/${encodeURIComponent(reference)}/json`);
    return JSON.parse(body) as Record<string, unknown>;
  }

  /** Names of all its images. */
  async tags(): Promise<string[]> {
    const images = JSON.parse(await this.#answer('GET', '/images/json')) as { RepoTags: string[] | null }[];
    return images.flatMap(({ RepoTags }) => RepoTags ?? []);
  }

  async remove(reference: string): Promise<void> {
    await this.#answer('DELETE', `/images/${encodeURIComponent(reference)}?force=1`);
  }

  async #answer(method: string, path: string, body?: Readable): Promise<string> {
    return (await buffer(await this.#send(method, path, body))).toString();
  }

  async #send(method: string, path: string, body?: Readable): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const headers = body === undefined ? {} : { 'content-type': 'application/x-tar' };
    const sent = request({ socketPath: this.#socketPath, path, method, headers }, resolve).once(
      'error',
      reject,
    );
    if (body === undefined) sent.end();
    else await pipeline(body, sent);
    const response = await promise;
    if ((response.statusCode ?? 500) < 300) return response;
    throw new Error(
      `${method} ${path}: ${response.statusCode} ${(await buffer(response)).toString().trim()}`,
    );
  }
}

/** The engine tells of a failure in mid-course in the last of the lines that it answers with, under status 200. */
function finishedWell(lines: string): void {
  const failed = lines.split('\n').find((line) => line.includes('"errorDetail"'));
  if (failed !== undefined)
    throw new Error(`${failed.trim()}, after:\n${lines.split('\n').slice(-20).join('\n')}`);
}
