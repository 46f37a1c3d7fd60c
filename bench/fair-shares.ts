/**
 * How far behind the one job of a key is when another key has 10,000 that wait, and what it costs to submit.
 * `REDIS_URL=redis://127.0.0.1:6379 node --conditions=dimgx-source bench/fair-shares.ts`, with a Redis of its own: it is
 * emptied.
 */
import { connectRedis, JobQueue, jobRequestSchema, serviceLog } from '@dimgx/queue';

const settings = { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' };
const redis = await connectRedis(settings, 'worker', () => {});
await redis.flushall();
const queue = await JobQueue.connect({ redis: settings, log: serviceLog('bench', 'warn') });
const request = jobRequestSchema.parse({ image: 'debian:12' });
const jobs = 10_000;
const atOnce = 50;

const begun = performance.now();
for (let submitted = 0; submitted < jobs; submitted += atOnce) {
  await Promise.all(Array.from({ length: atOnce }, () => queue.submit(request, { owner: 'many' })));
}
const perJob = (performance.now() - begun) / jobs;
const before = performance.now();
const { id } = await queue.submit(request, { owner: 'one' });
const took = performance.now() - before;
const place = await redis.zrank('{dimgx}:flatten-default:prioritized', id);
process.stdout.write(
  `${perJob.toFixed(2)} ms a job of 10,000; then the one of another key in ${took.toFixed(1)} ms, at place ${Number(place) + 1}\n`,
);
await queue.close();
redis.disconnect();
