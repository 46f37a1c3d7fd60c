import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Contest, type Contestant, hold, isKept, median, type Runs, ratios } from './contest.ts';
import { measure } from './measure.ts';
import { contestTable } from './report.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dimgx-bench-'));
});

afterAll(() => rm(folder, { recursive: true }));

const quick = (name: string, more: Partial<Contestant> = {}): Contestant => ({
  name,
  command: ['true'],
  ...more,
});

function contest(peers: readonly Contestant[]): Contest {
  return { work: 'nothing', floor: quick('floor'), ours: quick('ours'), peers, bounds: [] };
}

function runs(name: string, ...wallSeconds: number[]): Runs {
  return { name, all: wallSeconds.map((wall) => ({ wallSeconds: wall, cpuSeconds: 1, peakBytes: 5e6 })) };
}

test('a command is measured with what it started', async () => {
  const usage = await measure('head -c 50000000 /dev/zero | sha256sum');
  expect(usage.cpuSeconds).toBeGreaterThan(0);
  expect(usage.peakBytes).toBeGreaterThan(500_000);
});

test('a command that fails is told with what it said', async () => {
  await expect(measure('echo broken >&2; exit 3')).rejects.toThrow(/ended with code 3: broken/);
  await expect(measure(['no-such-program'])).rejects.toThrow(/code 127: no-such-program/);
});

test('each takes its turn in each round', async () => {
  const result = await hold(contest([quick('peer')]), 3, () => true);
  expect([result.floor, result.ours, ...result.peers].map(({ name, all }) => [name, all.length])).toEqual([
    ['floor', 3],
    ['ours', 3],
    ['peer', 3],
  ]);
});

test('a peer that is not here, or fails, is left out and named', async () => {
  const absent = quick('absent', { needs: ['crane'] });
  const failing = quick('failing', { command: ['false'] });
  const result = await hold(contest([absent, failing]), 1, (program) => program !== 'crane');
  expect(result.peers).toEqual([]);
  expect(contestTable(result)).toMatch(/^not here: absent, failing$/m);
});

test('what is made is weighed', async () => {
  const output = join(folder, 'made');
  const prepare = (): Promise<void> => writeFile(output, 'x'.repeat(100));
  const result = await hold({ ...contest([]), ours: quick('ours', { output, prepare }) }, 1, () => true);
  expect(result.ours.all[0].outputBytes).toBe(100);
});

test('ratios are of runs of the same round', () => {
  expect(ratios(runs('ours', 4, 9), runs('floor', 2, 3), 'wallSeconds')).toEqual([2, 3]);
  expect(ratios(runs('ours', 4), runs('floor', 2), 'outputBytes')).toEqual([]);
});

test.each([
  [{ of: 'wallSeconds', times: 3 }, true],
  [{ of: 'wallSeconds', times: 2.9 }, false],
  [{ of: 'peakBytes', atMost: 5e6 }, true],
  [{ of: 'peakBytes', atMost: 4e6 }, false],
] as const)('bound %o is kept: %s', (bound, kept) => {
  expect(isKept(runs('ours', 4, 9, 12), runs('floor', 2, 3, 4), bound)).toBe(kept);
});

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
])('the median of %j is %d', (values, middle) => {
  expect(median(values)).toBe(middle);
});
