import { DimgxError, type ErrorCode } from '@dimgx/core';
import { serviceLog } from '@dimgx/queue';
import { expect, test } from 'vitest';
import type { NeededPart } from '../src/needed-parts.ts';
import { Outages } from '../src/outages.ts';

/** A worker's only part, which is as the test says, and what takes its jobs. */
function situation({ isExpected = true, patience = Number.POSITIVE_INFINITY } = {}) {
  const state: { fault?: ErrorCode | undefined; looks: number; calls: string[] } = { looks: 0, calls: [] };
  const drain = new AbortController();
  const part: NeededPart = {
    ...{ name: 'store', codes: new Set(['STORE_FAILED'] as const), patience },
    isExpected: () => isExpected,
    async check() {
      state.looks += 1;
      if (state.fault !== undefined) throw new DimgxError(state.fault, 'as the test says');
    },
    giveUp: () => void state.calls.push('given up'),
  };
  const outages = new Outages({ parts: [part], draining: drain.signal, log: serviceLog('test', 'fatal') });
  outages.govern({
    pause: async (doNotWait) => void state.calls.push(`pause ${doNotWait}`),
    resume: async () => void state.calls.push('resume'),
  });
  return { state, drain, outages };
}

const met = (code: ErrorCode) => new DimgxError(code, 'what a job met');
const until = { timeout: 20_000 };

test('a part that is away stops all until it is back', async () => {
  const { state, outages } = situation();
  state.fault = 'STORE_FAILED';
  expect(await outages.behind(met('STORE_FAILED'))).toMatchObject({ part: 'store', code: 'STORE_FAILED' });
  expect(state.calls).toEqual(['pause true']);
  expect(outages.current).toMatchObject([{ part: 'store' }]);
  await expect.poll(() => state.looks, until).toBeGreaterThan(2);
  state.fault = undefined;
  await expect.poll(() => state.calls, until).toEqual(['pause true', 'resume']);
  expect(outages.current).toEqual([]);
});

test('what several jobs meet at once begins one outage, after one look', async () => {
  const { state, drain, outages } = situation();
  state.fault = 'STORE_FAILED';
  const found = await Promise.all([1, 2, 3].map(() => outages.behind(met('STORE_FAILED'))));
  expect(new Set(found).size).toBe(1);
  expect(state).toMatchObject({ looks: 1, calls: ['pause true'] });
  drain.abort();
});

test.each<[string, ErrorCode, ErrorCode | undefined, boolean]>([
  ['of another part', 'DIGEST_MISMATCH', 'STORE_FAILED', true],
  ['that one job meets, the part being well', 'STORE_FAILED', undefined, true],
  ['of a part that is full and not away', 'STORE_FAILED', 'NO_SPACE', true],
  ['of a part that was never there', 'STORE_FAILED', 'STORE_FAILED', false],
])('a fault %s stops nothing', async (_, code, fault, isExpected) => {
  const { state, outages } = situation({ isExpected });
  state.fault = fault;
  expect(await outages.behind(met(code))).toBeUndefined();
  expect(state.calls).toEqual([]);
});

test('a part that stays away is given up after the patience that it is worth', async () => {
  const { state, outages } = situation({ patience: 1 });
  state.fault = 'STORE_FAILED';
  await outages.behind(met('STORE_FAILED'));
  await expect.poll(() => state.calls, until).toEqual(['pause true', 'given up', 'resume']);
});

test('a worker that is told to stop waits for nothing', async () => {
  const { state, drain, outages } = situation();
  state.fault = 'STORE_FAILED';
  await outages.behind(met('STORE_FAILED'));
  drain.abort();
  const { looks } = state;
  state.fault = undefined;
  await new Promise((resolve) => setImmediate(resolve));
  expect(state).toMatchObject({ looks, calls: ['pause true'] });
});
