import { rename, symlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { writeFolder } from '../../../../test/support/images/archive-files.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { ociLayoutFiles } from '../../../../test/support/images/oci-layout.ts';
import { hexOf, testImage } from '../../../../test/support/images/test-image.ts';
import { openImage } from '../../src/source/open-image.ts';
import { opened, openFilesBelow, type TestFolder, testFolder } from './test-sources.ts';

const spec = { layers: [layer().file('a')], tags: ['v1'] };
const image = testImage(spec);
const blob = `blobs/sha256/${hexOf(image.layers[0].digest)}`;

async function layout(): Promise<TestFolder & { layout: string }> {
  const folder = await testFolder();
  const path = `${folder.path}/layout`;
  await writeFolder(ociLayoutFiles(spec), path);
  return { ...folder, layout: path };
}

test('a layout that is a link itself is read, and so are links within it', async () => {
  const folder = await layout();
  await rename(`${folder.layout}/${blob}`, `${folder.layout}/elsewhere`);
  await symlink('../../elsewhere', `${folder.layout}/${blob}`);
  await symlink('layout', `${folder.path}/link`);
  const { layers } = await opened(`oci:${folder.path}/link`, folder);
  expect(layers).toEqual([image.layers[0].tar]);
});

test('a link out of the layout leads nowhere', async () => {
  const folder = await layout();
  await rename(`${folder.layout}/${blob}`, `${folder.path}/outside`);
  await symlink(`${folder.path}/outside`, `${folder.layout}/${blob}`);
  await expect(openImage(`oci:${folder.layout}`, folder)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  expect(openFilesBelow(folder)).toEqual([]);
});

test('links that lead to each other lead nowhere', async () => {
  const folder = await layout();
  await rename(`${folder.layout}/index.json`, `${folder.path}/index.json`);
  await symlink('index.json', `${folder.layout}/index.json`);
  await expect(openImage(`oci:${folder.layout}`, folder)).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
});

test('an image that is open outlives the files of its layout', async () => {
  const folder = await layout();
  const handle = await openImage(`oci:${folder.layout}`, folder);
  await rename(folder.layout, `${folder.path}/moved`);
  expect(openFilesBelow(folder).length).toBeGreaterThan(0);
  await handle.close();
  expect(openFilesBelow(folder)).toEqual([]);
});

test.each([
  ['a folder that is not there', 'none', 'ARCHIVE_NOT_FOUND'],
  ['a folder without a layout', 'spool', 'ARCHIVE_INVALID'],
  ['a file', 'file', 'ARCHIVE_UNREADABLE'],
])('%s', async (_, name, code) => {
  const folder = await testFolder();
  await writeFile(`${folder.path}/file`, '');
  await expect(openImage(`oci:${folder.path}/${name}`, folder)).rejects.toMatchObject({ code });
});
