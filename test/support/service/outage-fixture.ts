import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Job, RedisSettings } from '@dimgx/queue';
import { expect } from 'vitest';
import { writeArchive } from '../images/archive-files.ts';
import { dockerArchiveFiles } from '../images/docker-archive.ts';
import { layer } from '../images/layer.ts';
import { type Service, startServiceOn } from './service-fixture.ts';

/** A service whose Redis is taken away from it, and what must hold then. */
export interface OutageFixture {
  readonly service: Omit<Service, 'redis'>;
  /** An image that is flattened at once. */
  readonly image: string;
  /** A request that must be taken; gives the answer's JSON. */
  ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** So many jobs, some of which still wait when the last one is there. */
  submitted(count: number): Promise<string[]>;
  allCompleted(ids: readonly string[]): Promise<void>;
  /** Each call is answered within a second: that the service can't say now. */
  isUnavailable(): Promise<void>;
  /** Resolves when jobs are taken again. */
  recovers(): Promise<void>;
  /** A running job ends when it is cancelled, by the word of it: its worker looks for no other sign. */
  cancelsRunning(): Promise<void>;
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
export const until = { timeout: 30_000, interval: 50 };

export async function outageFixture(redis: RedisSettings, folder: string): Promise<OutageFixture> {
  const service = await startServiceOn(redis, {
    folder,
    api: { triggers: { debounce: { quiet: 10, patience: 100 } } },
    worker: { concurrency: 2, lookInterval: 600_000, lockDuration: 6000 },
  });
  const { client, api, images } = service;

  async function archive(name: string, content: Buffer): Promise<string> {
    const path = join(images, `${name}.tar`);
    const layers = [layer().file('file', content)];
    await writeArchive(dockerArchiveFiles({ layers, tags: [`${name}:1`] }, 'docker-25'), path);
    return `docker-archive:${path}`;
  }

  async function ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${api.url}${path}`, { method, ...(body !== undefined && json) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  const image = await archive('small', Buffer.from('small'));
  const large = await archive('large', randomBytes(64 * MIB));
  const slow = { image: large, compression: { algorithm: 'zstd', level: 19 } };
  const isFlattening = ({ state, progress }: Job) => state === 'active' && progress.phase === 'flatten';

  return {
    ...{ service, image, ask, close: () => service.close() },
    async submitted(count) {
      const ids: string[] = [];
      for (let number = 0; number < count; number++) {
        ids.push((await client.submit({ image, labels: { number: String(number) } })).id);
      }
      return ids;
    },
    async allCompleted(ids) {
      const ends = await Promise.all(ids.map((id) => client.finished(id)));
      expect(ends.map(({ state }) => state)).toEqual(ids.map(() => 'completed'));
    },
    async isUnavailable() {
      const begun = performance.now();
      const answers = await Promise.all([
        client.post({ image }),
        fetch(`${api.url}/v1/jobs`),
        fetch(`${api.url}/readyz`),
      ]);
      expect(performance.now() - begun).toBeLessThan(1000);
      const problems = await Promise.all(answers.map((answer) => answer.json()));
      expect(problems).toMatchObject(answers.map(() => ({ status: 503, code: 'REDIS_UNREACHABLE' })));
    },
    recovers: () => expect.poll(async () => (await client.post({ image })).status, until).toBe(202),
    async cancelsRunning() {
      const { id } = await client.submit(slow);
      await client.until(id, isFlattening);
      expect((await client.cancel(id)).status).toBe(202);
      const busy = async () => ((await ask('GET', '/v1/workers')).items as { jobs: string[] }[])[0]?.jobs;
      await expect.poll(busy, until).toEqual([]);
      expect(await client.job(id)).toMatchObject({ state: 'cancelled' });
    },
  };
}
