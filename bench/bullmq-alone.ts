/**
 * What BullMQ alone takes for jobs that do nothing: `bullmq-alone.ts REDIS_URL JOBS one|bulk`. A worker in a process of
 * its own, as the service has it; prints the seconds from the first job's adding to the last one's end.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Queue, Worker } from 'bullmq';
import { atOnce, workerConcurrency } from './service-sizes.ts';

const [redisUrl = '', count = '', how = ''] = process.argv.slice(2);
const name = 'bullmq-alone';
const connection = { url: redisUrl, maxRetriesPerRequest: null };

if (process.send !== undefined) {
  const worker = new Worker(name, async () => {}, { connection, concurrency: workerConcurrency });
  await worker.waitUntilReady();
  let done = 0;
  worker.on('completed', () => {
    done += 1;
    if (done === Number(count)) process.send?.('done');
  });
  process.send('ready');
  process.on('disconnect', () => void worker.close());
} else {
  const queue = new Queue(name, { connection });
  await queue.obliterate({ force: true });
  const worker = fork(import.meta.filename, process.argv.slice(2));
  await once(worker, 'message');
  const ended = once(worker, 'message');
  const begun = performance.now();
  const options = { removeOnComplete: true };
  if (how === 'bulk') {
    const jobs = Array.from({ length: Number(count) }, (_, at) => ({
      name,
      data: { id: String(at) },
      opts: options,
    }));
    await queue.addBulk(jobs);
  } else {
    for (let added = 0; added < Number(count); added += atOnce) {
      await Promise.all(
        Array.from({ length: atOnce }, (_, at) => queue.add(name, { id: String(at) }, options)),
      );
    }
  }
  await ended;
  process.stdout.write(`${(performance.now() - begun) / 1000}\n`);
  worker.disconnect();
  await queue.close();
}
