import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { startRedis } from '../test/support/parts/redis.ts';
import { median } from './contest.ts';
import { makeSmallFilesImage } from './inputs/small-files.ts';
import { processorSeconds } from './processor-time.ts';
import { aligned } from './report.ts';
import { startUp } from './running-service.ts';
import { atOnce, workerConcurrency } from './service-sizes.ts';

const run = promisify(execFile);
const batchSize = 10_000;
const hits = 1000;
const polls = 5000;

const batchSchema = z.object({ id: z.string(), finishedAt: z.string().optional() });
const jobSchema = z.object({ id: z.string(), state: z.string() });

/** One work of the service, round by round; what it is held against did as much. */
export interface ServiceResult {
  readonly work: string;
  readonly floor: string;
  readonly count: number;
  readonly seconds: readonly number[];
  readonly floorSeconds: readonly number[];
  /** Processor time of the service in the last round, by process. */
  readonly processorSeconds: Readonly<Record<string, number>>;
}

/** What a job costs besides its image: jobs whose artifact is there, batches of them, and looking at one. */
export async function benchService(folder: string, rounds: number): Promise<ServiceResult[]> {
  const own = join(folder, 'service');
  await mkdir(own, { recursive: true });
  const image = await makeSmallFilesImage(join(own, 'image'), { files: 100, layers: 2 });
  const redis = await startRedis(join(own, 'redis'));
  const service = await startUp(own, redis.url, image.file);
  try {
    const bench = new ServiceBench(service.url, redis.url, `docker-archive:${image.file}`, service.pid);
    const results = [await bench.hits(rounds), await bench.batches(rounds), await bench.polls(rounds)];
    process.stdout.write(
      `\nservice, one worker with ${workerConcurrency} jobs at a time\n${table(results)}\n`,
    );
    return results;
  } finally {
    await service.stop();
    await redis.stop();
  }
}

class ServiceBench {
  readonly #url: string;
  readonly #redisUrl: string;
  readonly #image: string;
  readonly #pid: number;

  constructor(url: string, redisUrl: string, image: string, pid: number) {
    this.#url = url;
    this.#redisUrl = redisUrl;
    this.#image = image;
    this.#pid = pid;
  }

  async hits(rounds: number): Promise<ServiceResult> {
    const job = await this.#post('/v1/jobs', { image: this.#image }, jobSchema);
    await this.#ended(`/v1/jobs/${job.id}`);
    return this.#contest(rounds, 'jobs found in the store, submitted one by one', hits, 'one', async () => {
      let last = job;
      await concurrently(hits, async () => {
        last = await this.#post('/v1/jobs', { image: this.#image }, jobSchema);
      });
      await this.#ended(`/v1/jobs/${last.id}`);
      await this.#idle();
    });
  }

  async batches(rounds: number): Promise<ServiceResult> {
    return this.#contest(rounds, 'jobs found in the store, in one batch', batchSize, 'bulk', async () => {
      const jobs = Array.from({ length: batchSize }, (_, at) => ({
        image: this.#image,
        labels: { at: String(at) },
      }));
      const { id } = await this.#post('/v1/batches', { jobs }, batchSchema);
      while ((await this.#get(`/v1/batches/${id}`, batchSchema)).finishedAt === undefined) await delay(50);
    });
  }

  async polls(rounds: number): Promise<ServiceResult> {
    const { id } = await this.#post('/v1/jobs', { image: this.#image }, jobSchema);
    await this.#ended(`/v1/jobs/${id}`);
    const ask = (path: string) => timed(() => concurrently(polls, async () => void (await this.#text(path))));
    const [seconds, floorSeconds]: [number[], number[]] = [[], []];
    let before = processorSeconds(this.#pid);
    for (let round = 0; round < rounds; round++) {
      floorSeconds.push(await ask('/livez'));
      before = processorSeconds(this.#pid);
      seconds.push(await ask(`/v1/jobs/${id}`));
    }
    const used = difference(before, processorSeconds(this.#pid));
    const work = 'looks at a job';
    return { work, floor: 'looks at /livez', count: polls, seconds, floorSeconds, processorSeconds: used };
  }

  async #contest(
    rounds: number,
    work: string,
    count: number,
    how: 'one' | 'bulk',
    ours: () => Promise<void>,
  ): Promise<ServiceResult> {
    const [seconds, floorSeconds]: [number[], number[]] = [[], []];
    let used: Record<string, number> = {};
    for (let round = 1; round <= rounds; round++) {
      process.stderr.write(`service: ${work}, round ${round} of ${rounds}\n`);
      const script = join(import.meta.dirname, 'bullmq-alone.ts');
      const { stdout } = await run(process.execPath, [script, this.#redisUrl, String(count), how]);
      floorSeconds.push(Number(stdout));
      const before = processorSeconds(this.#pid);
      seconds.push(await timed(ours));
      used = difference(before, processorSeconds(this.#pid));
    }
    return { work, floor: 'BullMQ alone', count, seconds, floorSeconds, processorSeconds: used };
  }

  async #ended(path: string): Promise<void> {
    for (;;) {
      const { state } = await this.#get(path, jobSchema);
      if (state === 'completed') return;
      if (state === 'failed') throw new Error(`${path} has failed: ${await this.#text(path)}`);
      await delay(10);
    }
  }

  async #idle(): Promise<void> {
    const schema = z.object({ jobs: z.object({ queued: z.number(), active: z.number() }) });
    for (;;) {
      const { jobs } = await this.#get('/v1/stats', schema);
      if (jobs.queued + jobs.active === 0) return;
      await delay(10);
    }
  }

  async #post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    return schema.parse(
      JSON.parse(await this.#text(path, { method: 'POST', headers, body: JSON.stringify(body) })),
    );
  }

  async #get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return schema.parse(JSON.parse(await this.#text(path)));
  }

  async #text(path: string, init?: RequestInit): Promise<string> {
    const response = await fetch(`${this.#url}${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${text}`);
    return text;
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

async function concurrently(count: number, work: () => Promise<void>): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

function difference(before: Map<string, number>, after: Map<string, number>): Record<string, number> {
  return Object.fromEntries(
    Array.from(after, ([name, seconds]) => [name, seconds - (before.get(name) ?? 0)]),
  );
}

function table(results: readonly ServiceResult[]): string {
  const heads = ['', 'a second', 'floor', 'floor a second', 'time ×', 'CPU ms each: API', 'worker'];
  const rows = results.map(({ work, floor, count, seconds, floorSeconds, processorSeconds: used }) => [
    `${count.toLocaleString('en')} ${work}`,
    (count / median(seconds)).toFixed(0),
    floor,
    (count / median(floorSeconds)).toFixed(0),
    median(seconds.map((each, round) => each / (floorSeconds[round] ?? each))).toFixed(2),
    ((1000 * (used.api ?? 0)) / count).toFixed(2),
    ((1000 * (used.worker ?? 0)) / count).toFixed(2),
  ]);
  return aligned([heads, ...rows]).join('\n');
}
