import { pino } from 'pino';
import { expect, test } from 'vitest';
import { Drain } from '../src/drain.ts';

/** A drain, what it has logged, and its jobs. */
function drainOf(grace: number, ...ids: string[]) {
  const said: { msg: string; jobs?: string[] }[] = [];
  const log = pino({ base: null }, { write: (line: string) => said.push(JSON.parse(line)) });
  const jobs = new Set(ids);
  return { drain: new Drain({ grace, jobs, log }), said, jobs };
}

test('a worker without jobs says that it has none, and stops', async () => {
  const { drain, said } = drainOf(3_600_000);
  await drain.end([{ close: async () => {} }]);
  expect(said.map(({ msg }) => msg)).toEqual(['takes no more jobs, and has none', 'stopped']);
  expect([drain.begun.aborted, drain.interrupted.aborted]).toEqual([true, false]);
});

test('a worker without jobs that can not be closed, as without Redis, does not wait for the time of jobs', async () => {
  const { drain, said } = drainOf(3_600_000);
  await drain.end([{ close: () => new Promise(() => {}) }]);
  expect(said.map(({ msg }) => msg)).toEqual(['takes no more jobs, and has none', 'stopped']);
});

test('a worker with jobs says which, and how long it waits for them', async () => {
  const { drain, said, jobs } = drainOf(3_600_000, 'a', 'b');
  const close = async () => jobs.clear();
  await drain.end([{ close }]);
  expect(said).toMatchObject([
    {
      msg: 'takes no more jobs; the 2 that it has may go on for 3600 seconds, then others take them',
      jobs: ['a', 'b'],
    },
    { msg: 'stopped' },
  ]);
});

test.each([
  ['when their time is over', 20, () => {}],
  ['when it is told to hurry', 3_600_000, (drain: Drain) => drain.hurry()],
])('jobs are interrupted %s, which is said once', async (_when, grace, hurry) => {
  const { drain, said, jobs } = drainOf(grace, 'a');
  const interrupted = Promise.withResolvers<void>();
  drain.interrupted.addEventListener('abort', () => interrupted.resolve());
  const close = async () => {
    await interrupted.promise;
    jobs.clear();
  };
  const ended = drain.end([{ close }]);
  hurry(drain);
  await ended;
  drain.hurry();
  expect(drain.interrupted.reason).toMatchObject({ code: 'INTERRUPTED' });
  expect(said.map(({ msg }) => msg)).toEqual([
    expect.stringMatching(/^takes no more jobs; the one that it has may go on for /),
    'its jobs have had their time: other workers take them',
    'stopped',
  ]);
});
