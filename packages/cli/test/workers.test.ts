import { expect, test } from 'vitest';
import { workerRow } from '../src/commands/workers.ts';

const worker = {
  ...{ name: 'host-1', host: 'host', pools: ['default', 'gpu'], capacity: 4, jobs: ['x'], version: '1.2.3' },
  draining: false,
  outages: [],
  ...{ nodeVersion: 'v24.0.0', platform: 'linux/amd64', cpus: 2, load: [0.512, 0.25, 0] },
  memory: { free: 1, total: 2 },
  spool: { free: 30e9, total: 100e9 },
  process: { residentBytes: 100e6, eventLoopDelayMs: 2 },
  startedAt: '2026-11-24T00:00:00.000Z',
  seenAt: '2026-11-24T00:00:05.000Z',
};

test('a worker is one line of what matters at a glance', () => {
  expect(workerRow({ ...worker, dockerVersion: '27.3.1' })).toEqual([
    ...['host-1', 'default,gpu', '1 of 4', '0.51 on 2'],
    ...['30.0 GB of 100 GB', 'linux/amd64', '27.3.1', '1.2.3'],
  ]);
});

test('one that is being stopped is shown as such', () => {
  expect(workerRow({ ...worker, draining: true })[2]).toBe('1 of 4, draining');
});

test('one that waits for what its jobs need says so', () => {
  const outages = [{ part: 'store', code: 'STORE_FAILED', since: '2026-11-24T00:00:03.000Z' }] as const;
  expect(workerRow({ ...worker, outages })[2]).toBe('1 of 4, waits for the store');
});

test('without an engine there is a dash', () => {
  expect(workerRow(worker)[6]).toBe('-');
});
