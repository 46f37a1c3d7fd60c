import type { CallbackDelivery } from '@dimgx/client';
import { expect, test } from 'vitest';
import { tellOutcome } from '../src/commands/deliveries.ts';

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
