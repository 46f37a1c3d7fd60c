import type { Progress } from '@dimgx/core';
import { describe, expect, test } from 'vitest';
import { progressBar, progressText } from '../src/progress/progress-line.ts';

const half: Progress = { phase: 'flatten', bytes: 50_000_000, totalBytes: 100_000_000, entries: 1234 };

describe('the text', () => {
  test('has phase, bytes, share, rate, time left and entries', () => {
    expect(progressText({ progress: half, bytesPerSecond: 10_000_000 })).toBe(
      'flatten  50.0 MB of 100 MB  50 %  10.0 MB/s  0:05 left  1,234 entries',
    );
  });

  test('leaves out what is not known', () => {
    const progress: Progress = { phase: 'fetch', bytes: 5000, entries: 0 };
    expect(progressText({ progress, bytesPerSecond: 0 })).toBe('fetch    5.00 kB');
    expect(progressText({ progress: { phase: 'plan', bytes: 0, entries: 0 }, bytesPerSecond: 0 })).toBe(
      'plan   ',
    );
  });

  test('is sane where there is nothing to do, and where more came than was said', () => {
    const none: Progress = { phase: 'flatten', bytes: 0, totalBytes: 0, entries: 0 };
    expect(progressText({ progress: none, bytesPerSecond: 0 })).toBe('flatten  0 B of 0 B  100 %');
    const more: Progress = { phase: 'flatten', bytes: 300, totalBytes: 200, entries: 0 };
    expect(progressText({ progress: more, bytesPerSecond: 100 })).toBe(
      'flatten  300 B of 200 B  100 %  100 B/s  0:00 left',
    );
  });
});

describe('the bar', () => {
  const figures = { progress: half, bytesPerSecond: 10_000_000 };

  test('is filled by the share', () => {
    expect(progressBar(figures, 200, false)).toMatch(/^\[#{15}-{15}\] {2}flatten/);
  });

  test('is dim where nothing is yet, with colours', () => {
    expect(progressBar(figures, 200, true)).toContain(`#\u001b[2m${'-'.repeat(15)}\u001b[0m]`);
  });

  test.each([20, 60, 80, 100, 110, 200])('fits into %d columns', (columns) => {
    expect(progressBar(figures, columns, false).length).toBeLessThan(columns);
  });

  test('makes way for the text where both have no room', () => {
    expect(progressBar(figures, 75, false)).toMatch(/^flatten/);
  });
});
