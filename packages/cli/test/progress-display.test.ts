import type { Progress } from '@dimgx/core';
import { describe, expect, test } from 'vitest';
import { createProgressDisplay } from '../src/progress/progress-display.ts';
import type { ProgressMode } from '../src/progress/progress-mode.ts';

/** A stream that remembers, and a clock that is set by hand. */
function display(mode: ProgressMode, isTTY: boolean, environment: NodeJS.ProcessEnv = {}) {
  const written: string[] = [];
  const clock = { now: 0 };
  const stream = {
    isTTY,
    columns: 100,
    write: (text: string | Uint8Array) => written.push(String(text)) > 0,
  };
  return {
    written,
    clock,
    shown: createProgressDisplay(mode, { stream, environment, now: () => clock.now }),
  };
}

function flattening(bytes: number): Progress {
  return { phase: 'flatten', bytes, totalBytes: 1000, entries: 0 };
}

describe('auto', () => {
  test('draws a bar on a terminal, and takes it away', () => {
    const { written, shown } = display('auto', true);
    shown.show(flattening(500));
    expect(written.join('')).toContain('[###');
    shown.finish();
    expect(written.at(-1)).toBe('\r\u001b[K');
  });

  test.each([
    ['where stderr is no terminal', false, {}],
    ['on a dumb terminal', true, { TERM: 'dumb' }],
  ])('shows nothing %s', (_where, isTTY, environment) => {
    const { written, shown } = display('auto', isTTY, environment);
    shown.show(flattening(500));
    shown.finish();
    expect(written).toEqual([]);
  });
});

describe('a bar', () => {
  test('has no colours under NO_COLOR', () => {
    const { written, shown } = display('bar', true, { NO_COLOR: '1' });
    shown.show(flattening(500));
    expect(written.join('')).not.toContain('\u001b[2m');
  });

  test('keeps to COLUMNS', () => {
    const { written, shown } = display('bar', true, { COLUMNS: '30', NO_COLOR: '1' });
    shown.show(flattening(500));
    expect(written.join('').replace('\r\u001b[K', '').length).toBeLessThan(30);
  });

  test('that was never drawn is not taken away', () => {
    const { written, shown } = display('bar', true);
    shown.finish();
    expect(written).toEqual([]);
  });
});

describe('plain lines', () => {
  test('come every few seconds, and at each new phase', () => {
    const { written, clock, shown } = display('plain', false);
    for (const now of [0, 1000, 2000, 3000, 4000]) {
      clock.now = now;
      shown.show(flattening(now / 10));
    }
    shown.show({ phase: 'upload', bytes: 1, entries: 0 });
    expect(written.map((line) => line.split(' ')[0])).toEqual(['flatten', 'flatten', 'upload']);
    expect(written[1]).toBe('flatten  300 B of 1.00 kB  30 %  100 B/s  0:07 left\n');
  });
});

test('none shows nothing', () => {
  const { written, shown } = display('none', true);
  shown.show(flattening(500));
  expect(written).toEqual([]);
});
