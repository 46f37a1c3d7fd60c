import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { leaksOf, watchForLeaks } from './leak-check.ts';

const { temporary } = watchForLeaks();

test('nothing is a leak at first', () => {
  expect(leaksOf(temporary)).toEqual([]);
});

test('a temporary file is a leak', () => {
  const file = join(tmpdir(), 'forgotten');
  writeFileSync(file, '');
  expect(leaksOf(temporary)).toEqual(['file forgotten']);
  rmSync(file);
});

test("a child's child is a leak until it ends", async () => {
  const child = spawn('sh', ['-c', 'cat; true'], { stdio: ['pipe', 'ignore', 'ignore'] });
  await once(child, 'spawn');
  await expect.poll(() => leaksOf(temporary)).toContainEqual(expect.stringMatching(/^process \d+: cat$/));
  child.stdin.end();
  await once(child, 'exit');
  expect(leaksOf(temporary)).toEqual([]);
});
