import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { JobQueue, jobRequestSchema, serviceLog } from '@dimgx/queue';
import { startRedis } from '../test/support/parts/redis.ts';
import { median } from './contest.ts';
import type { ContestOptions } from './contest-series.ts';
import { makeSystemImage } from './inputs/system-image.ts';
import { startMeasuredWorker } from './measured-worker.ts';
import { aligned } from './report.ts';
import type { WorkerFigures } from './worker-figures.ts';
import { type StoreKind, storeKinds } from './worker-stores.ts';

const MB = 1e6;
const algorithms = ['none', 'zstd'] as const;
const jobsAtOnce = [1, 3] as const;

interface Work {
  readonly algorithm: (typeof algorithms)[number];
  /** Of one image, at once. */
  readonly jobs: number;
}

/** A work into one kind of store; a run a round, each of a worker of its own. */
export interface WorkerResult extends Work {
  readonly store: string;
  readonly runs: readonly WorkerFigures[];
}

/** What a worker uses for jobs, by store; and how late it comes to its events meanwhile, such as renewing locks. */
export async function benchWorker(options: ContestOptions): Promise<WorkerResult[]> {
  const folder = join(options.folder, 'worker');
  await mkdir(folder, { recursive: true });
  const archive = options.archive ?? (await makeSystemImage(join(folder, 'system'))).file;
  const redis = await startRedis(join(folder, 'redis'));
  const log = serviceLog('bench', 'warn');
  const queue = await JobQueue.connect({ redis: { url: redis.url }, log });
  const bench = new WorkerBench({ queue, redisUrl: redis.url, archive, folder });
  try {
    const results: WorkerResult[] = [];
    for (const algorithm of algorithms) {
      for (const jobs of jobsAtOnce)
        results.push(...(await bench.takeTurns({ algorithm, jobs }, options.rounds)));
    }
    process.stdout.write(`\nworker, jobs of one image\n${table(results)}\n`);
    return results;
  } finally {
    await queue.close();
    await redis.stop();
  }
}

interface Setting {
  readonly queue: JobQueue;
  readonly redisUrl: string;
  readonly archive: string;
  readonly folder: string;
}

class WorkerBench {
  readonly #setting: Setting;
  #runs = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  /** The stores one after another in each round, so that their figures stand beside each other in time. */
  async takeTurns(work: Work, rounds: number): Promise<WorkerResult[]> {
    const results = storeKinds().map((kind) => ({ kind, runs: [] as WorkerFigures[] }));
    for (let round = 1; round <= rounds; round++) {
      for (const { kind, runs } of results) {
        const what = `${work.jobs} × ${work.algorithm} into ${kind.name}`;
        process.stderr.write(`worker: ${what}, round ${round} of ${rounds}\n`);
        runs.push(await this.#run(kind, work));
      }
    }
    return results.map(({ kind, runs }) => ({ ...work, store: kind.name, runs }));
  }

  async #run(kind: StoreKind, work: Work): Promise<WorkerFigures> {
    const { redisUrl, archive, folder } = this.#setting;
    const store = await kind.open(join(folder, `store-${++this.#runs}`));
    try {
      const worker = await startMeasuredWorker({
        ...store.settings,
        REDIS_URL: redisUrl,
        DIMGX_CONCURRENCY: String(work.jobs),
        DIMGX_FILE_SOURCES: dirname(archive),
        DIMGX_TMP: join(folder, 'spool'),
      });
      try {
        await worker.figures();
        await this.#doJobs(work);
        return await worker.figures();
      } finally {
        await worker.stop();
      }
    } finally {
      await store.remove();
    }
  }

  /** Each has a key of its own: of one artifact's twins, the first to end would end the others. */
  async #doJobs({ algorithm, jobs }: Work): Promise<void> {
    const { queue, archive } = this.#setting;
    const submitted = Array.from({ length: jobs }, (_, at) =>
      queue.submit(
        jobRequestSchema.parse({
          image: `docker-archive:${archive}`,
          compression: { algorithm },
          destination: { key: `job-${at}` },
        }),
      ),
    );
    for (const { id } of await Promise.all(submitted)) await this.#completed(id);
  }

  async #completed(id: string): Promise<void> {
    for (;;) {
      const { state, error } = await this.#setting.queue.find(id);
      if (state === 'completed') return;
      if (state !== 'queued' && state !== 'active') throw new Error(`a job has ${state}: ${error?.message}`);
      await delay(100);
    }
  }
}

function table(results: readonly WorkerResult[]): string {
  const heads = ['', 'CPU s', 'S3 share of CPU', 'peak MB', 'loop late ms: median', '99 %', 'longest'];
  const rows = results.map((result) => {
    const { jobs, algorithm, store, runs } = result;
    const middle = (of: (run: WorkerFigures) => number, digits: number): string =>
      median(runs.map(of)).toFixed(digits);
    return [
      `${jobs} × ${algorithm} into ${store}`,
      middle(({ cpuSeconds }) => cpuSeconds, 2),
      uploadShare(result, results),
      middle(({ peakBytes }) => peakBytes / MB, 0),
      middle(({ delayMs }) => delayMs.median, 1),
      middle(({ delayMs }) => delayMs.p99, 1),
      middle(({ delayMs }) => delayMs.longest, 1),
    ];
  });
  return aligned([heads, ...rows]).join('\n');
}

/** What the same jobs of the same round took less into a directory. */
function uploadShare(result: WorkerResult, results: readonly WorkerResult[]): string {
  const beside = results.find(
    ({ jobs, algorithm }) => jobs === result.jobs && algorithm === result.algorithm,
  );
  if (beside === undefined || beside === result) return '';
  const shares = result.runs.map(
    ({ cpuSeconds }, round) => 1 - (beside.runs[round]?.cpuSeconds ?? cpuSeconds) / cpuSeconds,
  );
  return `${(100 * median(shares)).toFixed(0)} %`;
}
