import { defaultLifetimes, JobRecords } from '@dimgx/queue';
import { expect, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { emptiedQueue, jobResult } from '../support/service/queue-fixture.ts';

const progress = { phase: 'flatten', bytes: 10, entries: 1 } as const;

needs('redis')('the log of a job', () => {
  const fixture = emptiedQueue();

  const told = async (id: string) => (await fixture.queue.logs(id, 1000)).map(({ message }) => message);

  test('has its states and the lines of its attempts, in their order', async () => {
    const { queue, records, recorded } = fixture;
    const { id } = await recorded();
    await records.start(id, 'a', 'host-1');
    await records.note(id, 'a', { level: 'warn', phase: 'fetch', message: 'slow:\nhttps://u:p@host' });
    const error = { code: 'PULL_FAILED', message: 'no route', retryable: true } as const;
    await records.end(id, 'a', { state: 'queued', error, next: { number: 2, of: 3, withinMs: 5000 } });
    await records.note(id, 'a', { level: 'info', message: 'late' });
    await records.start(id, 'b', 'host-2');
    await records.end(id, 'b', { state: 'failed', error });
    const lines = await queue.logs(id, 1000);
    expect(lines).toMatchObject([
      { level: 'info', message: 'queued' },
      { level: 'info', attempt: 1, message: 'attempt 1 begins on worker host-1' },
      { level: 'warn', attempt: 1, phase: 'fetch', message: 'slow: https://…@host' },
      { level: 'warn', message: 'queued again: PULL_FAILED: no route; try 2 of 3 is due within 5 s' },
      { level: 'info', attempt: 2, message: 'attempt 2 begins on worker host-2' },
      { level: 'error', message: 'failed: PULL_FAILED: no route' },
    ]);
    const times = lines.map(({ at }) => at);
    expect(times).toEqual(times.toSorted());
    const rest = await queue.logs(id, 2, lines[2]?.id);
    expect(rest).toEqual(lines.slice(3, 5));
  });

  test('names the worker that an attempt was taken from, and why', async () => {
    const { queue, records, recorded } = fixture;
    const { id } = await recorded();
    await records.start(id, 'a', 'host-1');
    await records.end(id, 'a', { state: 'queued', handedOn: 'INTERRUPTED' });
    await records.start(id, 'b', 'host-2');
    await records.end(id, 'b', { state: 'queued', handedOn: 'WORKER_LOST' });
    await records.start(id, 'c', 'host-3');
    await records.start(id, 'd', 'host-4');
    const lost = (worker: string) =>
      `queued again: WORKER_LOST: worker ${worker} was silent for too long, it may have died: the next one takes the job`;
    expect(await told(id)).toEqual([
      'queued',
      'attempt 1 begins on worker host-1',
      'queued again: INTERRUPTED: worker host-1 was stopped: the next one takes the job',
      'attempt 2 begins on worker host-2',
      lost('host-2'),
      'attempt 3 begins on worker host-3',
      lost('host-3'),
      'attempt 4 begins on worker host-4',
    ]);
    expect((await queue.find(id)).error).toBeUndefined();
  });

  test('is bounded: of very many lines the oldest go', async () => {
    const { records, recorded } = fixture;
    const { id } = await recorded();
    await records.start(id, 'a', 'host-1');
    const numbers = Array.from({ length: 1005 }, (_, at) => String(at));
    await Promise.all(numbers.map((message) => records.note(id, 'a', { level: 'info', message })));
    expect(await told(id)).toEqual(numbers.slice(5));
  });

  test('goes before the record, where that is wanted', async () => {
    const { redis, queue, recorded } = fixture;
    const brief = new JobRecords(redis, { ...defaultLifetimes, logDays: 0 });
    const { id } = await recorded();
    await brief.start(id, 'a', 'host-1');
    expect(await told(id)).toHaveLength(2);
    await brief.end(id, 'a', { state: 'completed', result: jobResult('a'), progress });
    await expect(queue.logs(id, 1000)).rejects.toMatchObject({ code: 'LOGS_EXPIRED' });
    expect((await queue.find(id)).state).toBe('completed');
  });

  test('is kept no longer than the record', async () => {
    const { redis, queue, records, recorded } = fixture;
    const { id } = await recorded();
    await records.cancel(id);
    const { expiresAt = '' } = await queue.find(id);
    expect(await redis.pexpiretime(`{dimgx}:job-journal:${id}`)).toBe(Date.parse(expiresAt));
  });
});
