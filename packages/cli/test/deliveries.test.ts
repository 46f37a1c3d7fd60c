import type { CallbackDelivery } from '@dimgx/client';
import { expect, test } from 'vitest';
import { rowOf, tellOutcome } from '../src/commands/deliveries.ts';

const pending: CallbackDelivery = {
  ...{ id: 'd', endpoint: 'e', type: 'callback.ping', state: 'pending', attempts: [] },
  createdAt: '2026-11-24T00:00:00.000Z',
};

test('a delivery that nobody makes is not waited for without end', async () => {
  const { signal } = new AbortController();
  const outcome = tellOutcome({ delivery: async () => pending }, pending, signal, 1);
  await expect(outcome).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: expect.stringMatching(/^delivery d has not been tried .* dimgx callbacks deliveries e /),
  });
});

const at = '2026-11-24T00:00:01.000Z';

test.each<[string, Partial<CallbackDelivery>, string[]]>([
  ['that was not tried', {}, ['-', '-', '-']],
  [
    'that is tried again',
    { attempts: [{ at, durationMs: 3, fault: 'ECONNREFUSED' }], nextAttemptAt: '2026-11-24T00:05:01.000Z' },
    ['2026-11-24 00:00:01Z', 'ECONNREFUSED', '2026-11-24 00:05:01Z'],
  ],
  [
    'whose receiver sends it elsewhere',
    { attempts: [{ at, durationMs: 3, status: 302 }] },
    ['2026-11-24 00:00:01Z', '302, not followed', '-'],
  ],
])('a delivery %s, in the list', (_how, more, columns) => {
  expect(rowOf({ ...pending, job: 'j', ...more })).toEqual([
    'd',
    'callback.ping',
    'pending',
    ...columns,
    'j',
  ]);
});
