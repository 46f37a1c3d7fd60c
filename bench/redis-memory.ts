/**
 * What Redis keeps of a job, in memory and in its append-only file: while it waits, and when it has completed.
 * `REDIS_URL=redis://127.0.0.1:6379 node --conditions=dimgx-source bench/redis-memory.ts`, with a Redis of its own: it is
 * emptied.
 */
import { randomBytes } from 'node:crypto';
import type { FlattenReport } from '@dimgx/core';
import {
  connectRedis,
  defaultLifetimes,
  JobQueue,
  JobRecords,
  jobRequestSchema,
  keyPrefix,
  type QueuedData,
  queueName,
  serviceLog,
} from '@dimgx/queue';
import { Worker } from 'bullmq';

const settings = { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' };
const redis = await connectRedis(settings, 'worker', () => {});
await redis.flushall();
const queue = await JobQueue.connect({ redis: settings, log: serviceLog('bench', 'warn') });
const records = new JobRecords(redis, defaultLifetimes);
const jobs = 10_000;
const atOnce = 50;

const digest = () => `sha256:${randomBytes(32).toString('hex')}`;
const image = (at: number) => `docker-daemon:registry.example/team/service-${at}:1.${at % 100}`;

/** Of an image with a dozen layers. */
function report(at: number): FlattenReport {
  const layers = Array.from({ length: 12 }, (_, index) => {
    const diffId = digest();
    const createdBy = `RUN /bin/sh -c apt-get install --yes package-${index} # buildkit`;
    return { index, id: diffId.slice(7), diffId, size: 40_000_000, createdBy };
  });
  return {
    image: {
      reference: image(at),
      digest: digest(),
      configDigest: digest(),
      platform: 'linux/amd64',
      repoTags: [image(at)],
    },
    layers,
    artifact: {
      key: `registry.example/team/service-${at}/0123456789ab/${randomBytes(32).toString('hex')}.tar.zst`,
      ...{ mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd', compression: 'zstd', level: 3 },
      ...{ size: 150_000_000, sha256: digest(), uncompressedSize: 480_000_000, diffId: digest() },
    },
    entries: {
      files: 40_000,
      directories: 5000,
      symlinks: 3000,
      hardlinks: 10,
      devices: 0,
      removed: 100,
      shadowed: 500,
    },
    ...{ cached: false, durationMs: 12_345, dimgxVersion: '0.1.0' },
  };
}

async function size(): Promise<{ memory: number; file: number }> {
  const text = (await redis.info('memory')) + (await redis.info('persistence'));
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { memory: field('used_memory'), file: field('aof_current_size') };
}

const empty = await size();

async function tell(what: string): Promise<void> {
  const { memory, file } = await size();
  const perJob = (bytes: number) => Math.round(bytes / jobs);
  const text = `${perJob(memory - empty.memory)} bytes of memory, ${perJob(file - empty.file)} in its file`;
  process.stdout.write(`a job that ${what}: ${text}\n`);
}

for (let begun = 0; begun < jobs; begun += atOnce) {
  const requests = Array.from({ length: atOnce }, (_, at) =>
    jobRequestSchema.parse({ image: image(begun + at), labels: { team: `team-${at % 20}` } }),
  );
  await Promise.all(requests.map((request) => queue.submit(request)));
}
await tell('waits');

let done = 0;
const { promise, resolve } = Promise.withResolvers<void>();
const worker = new Worker<QueuedData>(
  queueName('default'),
  async ({ data: { id } }) => {
    await records.start(id, 'attempt', 'worker-1');
    for (const message of ['resolved', 'read', 'flattened', 'stored']) {
      await records.note(id, 'attempt', { level: 'info', message: `${message}: ${image(done)}` });
    }
    const progress = { phase: 'upload', bytes: 480_000_000, entries: 48_000 } as const;
    await records.end(id, 'attempt', { state: 'completed', result: report(done), progress });
  },
  { connection: redis, prefix: keyPrefix, concurrency: atOnce },
);
worker.on('completed', () => ++done === jobs && resolve());
await promise;
await tell('has completed');
await worker.close();
await queue.close();
redis.disconnect();
