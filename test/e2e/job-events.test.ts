import type { JobEvent } from '@dimgx/queue';
import { expect, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { emptiedQueue, jobResult } from '../support/service/queue-fixture.ts';

const progress = { phase: 'flatten', bytes: 10, entries: 1 } as const;

needs('redis')('whoever watches a job', () => {
  const fixture = emptiedQueue();

  /** Collects what is told, until the end. */
  async function reader(id: string, after?: string): Promise<{ told: JobEvent[]; end: Promise<void> }> {
    const told: JobEvent[] = [];
    const events = await fixture.queue.watch(id, after, new AbortController().signal);
    const follow = async () => {
      for await (const event of events ?? []) told.push(event);
    };
    return { told, end: follow() };
  }

  const states = (told: readonly JobEvent[]) =>
    told.flatMap((event) => (event.kind === 'state' ? [event.change.state] : []));

  test('is told at once what happens, in its order, and comes to the end with it', async () => {
    const { records, recorded } = fixture;
    const { id } = await recorded();
    const { told, end } = await reader(id);
    await expect.poll(() => states(told)).toEqual(['queued']);
    await records.start(id, 'a', 'host-1');
    await expect.poll(() => told.at(-1)).toMatchObject({ kind: 'progress', progress: { phase: 'resolve' } });
    const begun = performance.now();
    await records.report(id, 'a', progress);
    await expect.poll(() => told.at(-1), { interval: 10 }).toEqual({ kind: 'progress', progress });
    // By the word of it, not by the look after two seconds.
    expect(performance.now() - begun).toBeLessThan(1500);
    await records.note(id, 'a', { level: 'info', message: 'of no interest here' });
    await records.end(id, 'a', { state: 'completed', result: jobResult('a'), progress });
    await end;
    expect(told).toMatchObject([
      { kind: 'state', change: { state: 'queued' } },
      { kind: 'state', change: { state: 'active', attempt: 1, worker: 'host-1' } },
      { kind: 'progress', progress: { phase: 'resolve' } },
      { kind: 'progress', progress },
      { kind: 'state', change: { state: 'completed' } },
    ]);
  });

  test('and comes again misses no state', async () => {
    const { queue, records, recorded } = fixture;
    const { id } = await recorded();
    await records.start(id, 'a', 'host-1');
    const first = (await reader(id)).told;
    await expect.poll(() => states(first)).toEqual(['active']);
    const known = first[0]?.kind === 'state' ? first[0].change.id : '';
    const error = { code: 'PULL_FAILED', message: 'no route', retryable: true } as const;
    await records.end(id, 'a', { state: 'queued', error });
    await records.start(id, 'b', 'host-2');
    await queue.cancel(id);
    const { told, end } = await reader(id, known);
    await end;
    expect(states(told)).toEqual(['queued', 'active', 'cancelled']);
    expect(told[0]).toMatchObject({ change: { error: { code: 'PULL_FAILED', message: 'no route' } } });
    const last = told.at(-1);
    const newest = last?.kind === 'state' ? last.change.id : '';
    expect(await queue.watch(id, newest, new AbortController().signal)).toBeUndefined();
  });

  test('has no job to watch', async () => {
    await expect(fixture.queue.watch('none', undefined, new AbortController().signal)).rejects.toMatchObject({
      code: 'JOB_NOT_FOUND',
    });
  });
});
