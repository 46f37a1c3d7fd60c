import { expect, test } from 'vitest';
import type { Progress } from '../../src/flatten/progress.ts';
import { progressTo } from '../../src/flatten/thread-messages.ts';

const plan = (entries: number): Progress => ({ phase: 'plan', bytes: 0, entries });
const flatten = (bytes: number): Progress => ({ phase: 'flatten', bytes, totalBytes: 9, entries: 0 });

test('of a burst the beginning and the end of each phase are told', () => {
  const told: Progress[] = [];
  const report = progressTo({
    postMessage: ({ progress }: { progress: Progress }) => void told.push(progress),
  });
  for (const each of [plan(0), plan(1), plan(2), flatten(0), flatten(4), flatten(9)]) report(each);
  expect(told).toEqual([plan(0), plan(2), flatten(0), flatten(9)]);
});
