import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceLog, type WorkerView } from '@dimgx/queue';
import { expect, test } from 'vitest';
import { startAnnouncer } from '../src/announcer.ts';
import { EngineWatch } from '../src/engine-watch.ts';

const common = {
  ...{ name: 'host-1', pools: ['a', 'b'], concurrency: 3, spoolFolder: tmpdir(), interval: 5 },
  engine: new EngineWatch(`unix://${join(tmpdir(), 'no-engine-here.sock')}`),
  outages: { current: [] },
  draining: new AbortController().signal,
  log: serviceLog('test', 'fatal'),
};

/** A fleet that keeps what it is told; `fault` is thrown at whoever tells it something. */
function fakeFleet() {
  const told: WorkerView[] = [];
  const left: string[] = [];
  const state: { fault?: Error; unheard: number } = { unheard: 0 };
  const check = () => {
    if (state.fault === undefined) return;
    state.unheard += 1;
    throw state.fault;
  };
  return {
    ...{ told, left, state },
    async announce(view: WorkerView) {
      check();
      told.push(view);
    },
    async leave(name: string) {
      check();
      left.push(name);
    },
  };
}

test('a worker tells of itself at once, then again as it stands', async () => {
  const fleet = fakeFleet();
  const jobs = new Set<string>();
  const announcer = await startAnnouncer({ ...common, fleet, jobs });
  expect(fleet.told[0]).toMatchObject({ name: 'host-1', pools: ['a', 'b'], capacity: 6, jobs: [] });
  expect(fleet.told[0]).not.toHaveProperty('dockerVersion');
  expect(fleet.told[0]?.process.residentBytes).toBeGreaterThan(1e6);
  jobs.add('x');
  await expect.poll(() => fleet.told.at(-1)?.jobs).toEqual(['x']);
  await announcer.end();
  expect(fleet.left).toEqual(['host-1']);
});

test('a worker that drains says so at once', async () => {
  const fleet = fakeFleet();
  const drain = new AbortController();
  const never = { ...common, interval: 3_600_000 };
  const announcer = await startAnnouncer({ ...never, fleet, jobs: new Set(['x']), draining: drain.signal });
  expect(fleet.told).toMatchObject([{ draining: false }]);
  drain.abort();
  await expect.poll(() => fleet.told.at(-1)).toMatchObject({ draining: true, jobs: ['x'] });
  await announcer.end();
});

test('jobs that begin and end are told soon, and several at once', async () => {
  const fleet = fakeFleet();
  const jobs = new Set<string>();
  const announcer = await startAnnouncer({ ...common, interval: 3_600_000, fleet, jobs });
  for (const id of ['x', 'y', 'z']) {
    jobs.add(id);
    announcer.jobsChanged();
  }
  await expect.poll(() => fleet.told.at(-1)?.jobs).toEqual(['x', 'y', 'z']);
  jobs.clear();
  announcer.jobsChanged();
  await expect.poll(() => fleet.told.map((view) => view.jobs.length)).toEqual([0, 3, 0]);
  await announcer.end();
});

test('a service that does not hear is told again later', async () => {
  const fleet = fakeFleet();
  const announcer = await startAnnouncer({ ...common, fleet, jobs: new Set() });
  fleet.state.fault = new Error('away');
  const { length } = fleet.told;
  await expect.poll(() => fleet.state.unheard).toBeGreaterThan(1);
  delete fleet.state.fault;
  await expect.poll(() => fleet.told.length).toBeGreaterThan(length);
  await announcer.end();
});

test('a worker that stops while Redis is away is not held up by it', async () => {
  const fleet = { ...fakeFleet(), leave: () => new Promise<void>(() => {}) };
  const announcer = await startAnnouncer({ ...common, fleet, jobs: new Set() });
  const begun = performance.now();
  await announcer.end();
  expect(performance.now() - begun).toBeLessThan(5000);
});
