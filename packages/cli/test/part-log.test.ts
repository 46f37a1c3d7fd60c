import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { PartLog } from '../src/up/part-log.ts';

const full = 100;
let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'part-log-'));
  file = join(folder, 'api.log');
  onTestFinished(() => rm(folder, { recursive: true }));
});

const faults: Error[] = [];
const opened = () => PartLog.open(file, (error) => faults.push(error), full);

/** Has the log take what a process prints. */
async function printed(log: PartLog, ...texts: readonly string[]): Promise<void> {
  const output = new PassThrough();
  log.follow(output, () => {});
  for (const text of texts) output.write(text);
  output.end();
  await new Promise((resolve) => output.once('close', resolve));
}

test('what a part printed before stays', async () => {
  await writeFile(file, 'before\n');
  const log = await opened();
  await printed(log, 'after\n');
  await log.close();
  expect(await readFile(file, 'utf8')).toBe('before\nafter\n');
});

test('a full log makes way for a new one while the part runs, between two lines; one is kept', async () => {
  const log = await opened();
  const lines = Array.from({ length: 40 }, (_, at) => `line ${at} of a part\n`);
  for (const line of lines) await printed(log, line.slice(0, 5), `${line.slice(5)}next `, 'line\n');
  await log.close();
  expect((await readdir(folder)).sort()).toEqual(['api.log', 'api.log.1']);
  const texts = await Promise.all([`${file}.1`, file].map((each) => readFile(each, 'utf8')));
  for (const text of texts) {
    expect(text.length).toBeLessThan(2 * full);
    expect(text).toMatch(/^(line \d+ of a part\n|next line\n)*$/);
  }
  expect(texts.join('')).toMatch(/line 39 of a part\nnext line\n$/);
  expect(faults).toEqual([]);
});

test('one that was full before the part began does too', async () => {
  await writeFile(file, 'x'.repeat(full + 1));
  const log = await opened();
  await printed(log, 'a\n', 'b\n');
  await log.close();
  expect(await readFile(`${file}.1`, 'utf8')).toBe(`${'x'.repeat(full + 1)}a\n`);
  expect(await readFile(file, 'utf8')).toBe('b\n');
});
