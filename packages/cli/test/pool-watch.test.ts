import type { Job } from '@dimgx/client';
import { expect, test } from 'vitest';
import { watchPool } from '../src/commands/pool-watch.ts';

const job: Pick<Job, 'state' | 'request' | 'worker'> = {
  state: 'active',
  worker: 'one',
  request: { image: 'a', kind: 'flatten', pool: 'gpu', priority: 'normal' },
};
const one = { name: 'one', pools: ['gpu'], draining: false, outages: [] };

/** A fleet whose workers come and go; `looks` counts how often it was asked for them. */
function fleetOf(...workers: (typeof one)[]) {
  const fleet = { now: workers, looks: 0, warned: [] as string[] };
  const list = async () => {
    fleet.looks += 1;
    return fleet.now;
  };
  const client = { workers: { list } };
  const watch = (isKnown: boolean) =>
    watchPool(client, {
      isKnown,
      intervalMs: 1,
      jobs: async () => [job],
      warn: (message) => fleet.warned.push(message),
    });
  const looked = async () => {
    const { looks } = fleet;
    await expect.poll(() => fleet.looks).toBeGreaterThan(looks + 2);
  };
  return Object.assign(fleet, { watch, looked });
}

test('a job that loses its workers is warned of once, and again when it loses them again', async () => {
  const fleet = fleetOf(one);
  const end = fleet.watch(false);
  await fleet.looked();
  expect(fleet.warned).toEqual([]);
  for (let time = 1; time <= 2; time++) {
    fleet.now = [];
    await fleet.looked();
    expect(fleet.warned).toHaveLength(time);
    fleet.now = [one];
    await fleet.looked();
  }
  end();
  expect(fleet.warned[0]).toMatch(/^no worker is there for pool gpu: /);
});

test('what was said when it was submitted is not said again', async () => {
  const fleet = fleetOf();
  const end = fleet.watch(true);
  await fleet.looked();
  end();
  expect(fleet.warned).toEqual([]);
});
