import { expect, test } from 'vitest';
import { BatchProgress } from '../src/progress/batch-progress.ts';

const none = { queued: 0, active: 0, completed: 0, failed: 0, cancelled: 0 };
const at = (counts: Partial<typeof none>) => ({ total: 2000, counts: { ...none, ...counts } });

test('tells how many have ended, what did not go well, and the time left', () => {
  const progress = new BatchProgress();
  expect(progress.line(at({ queued: 2000 }), 0, 40, false)).toBe('[-------------------------]  0 of 2,000');
  const line = progress.line(
    at({ queued: 980, active: 20, completed: 990, failed: 7, cancelled: 3 }),
    60_000,
    100,
    false,
  );
  expect(line).toBe(
    '[###############---------------]  1,000 of 2,000  20 active  7 failed  3 cancelled  1:00 left',
  );
});

test('is never wider than the terminal, and has no bar where there is no room', () => {
  const line = new BatchProgress().line(at({ active: 20, failed: 7, cancelled: 3 }), 0, 30, true);
  expect(line).toBe('10 of 2,000  20 active  7 fai');
});
