import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { DocumentReader, quoted } from '../../src/source/content.ts';
import { OpenFiles } from '../../src/source/open-files.ts';
import { openFilesBelow, testFolder } from './test-sources.ts';

const MIB = 2 ** 20;

test('documents are read up to 64 MiB together, also the same one again', async () => {
  const { path } = await testFolder();
  const fd = openSync(`${path}/document`, 'w+');
  onTestFinished(() => closeSync(fd));
  ftruncateSync(fd, 16 * MIB);
  const reader = new DocumentReader('image.tar');
  const read = () => reader.read('document', { fd, offset: 0, size: 16 * MIB });
  for (let i = 0; i < 4; i++) expect((await read()).length).toBe(16 * MIB);
  await expect(read()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
});

test('a document that ends before its region does is told', async () => {
  const { path } = await testFolder();
  const fd = openSync(`${path}/document`, 'w+');
  onTestFinished(() => closeSync(fd));
  const reader = new DocumentReader('image.tar');
  await expect(reader.read('document', { fd, offset: 0, size: 1 })).rejects.toMatchObject({
    code: 'ARCHIVE_TRUNCATED',
  });
});

test('files are closed when the last who held them lets go, and once', async () => {
  const folder = await testFolder();
  const files = new OpenFiles();
  files.adopt(openSync(`${folder.path}/a`, 'w'));
  const [first, second] = [files.hold(), files.hold()];
  await first();
  await first();
  expect(openFilesBelow(folder)).toHaveLength(1);
  await second();
  await second();
  expect(openFilesBelow(folder)).toEqual([]);
});

test.each([
  ['a\nb', '"a\\nb"'],
  ['\u001b[31m', '"\\u001b[31m"'],
  ['\u009b31m\u202e\u2028', '"\\u009b31m\\u202e\\u2028"'],
  ['x'.repeat(201), `"${'x'.repeat(200)}"…`],
])('%j is quoted on one line, in bounds', (text, shown) => {
  expect(quoted(text)).toBe(shown);
});
