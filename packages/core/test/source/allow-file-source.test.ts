import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { allowFileSource } from '../../src/source/allow-file-source.ts';
import { parseReference } from '../../src/source/open-image.ts';
import { testFolder } from './test-sources.ts';

/** A folder that is allowed, one beside it that is not, and links. */
async function folders() {
  const { path } = await testFolder();
  const allowed = `${path}/allowed`;
  await mkdir(`${allowed}/sub`, { recursive: true });
  await mkdir(`${path}/allowed-not`);
  for (const file of ['allowed/a.tar', 'allowed/sub/b.tar', 'allowed-not/secret.tar', 'secret.tar']) {
    await writeFile(`${path}/${file}`, '');
  }
  await symlink('sub/b.tar', `${allowed}/inside.tar`);
  await symlink('../secret.tar', `${allowed}/outside.tar`);
  await symlink('..', `${allowed}/up`);
  await symlink(allowed, `${path}/door`);
  return { path, allowed };
}

test.each([
  ['a file', 'allowed/a.tar', 'allowed/a.tar'],
  ['a file deeper down', 'allowed/sub/b.tar', 'allowed/sub/b.tar'],
  ['a link that stays inside', 'allowed/inside.tar', 'allowed/sub/b.tar'],
  ['a path that goes up and comes back', 'allowed/sub/../a.tar', 'allowed/a.tar'],
])('%s below the folder is allowed', async (_, asked, real) => {
  const { path, allowed } = await folders();
  const reference = await allowFileSource(parseReference(`docker-archive:${path}/${asked}:x:1`), [allowed]);
  expect(reference).toEqual({
    transport: 'docker-archive',
    file: `${path}/${real}`,
    choice: { by: 'name', text: 'x:1' },
  });
});

test.each([
  ['a file beside', 'secret.tar'],
  ['a folder whose name begins the same', 'allowed-not/secret.tar'],
  ['a link that leads out', 'allowed/outside.tar'],
  ['a folder link that leads out', 'allowed/up/secret.tar'],
  ['a path that climbs out', 'allowed/../secret.tar'],
  ['another way to the folder', 'door/a.tar'],
  ['what is not there, outside', 'nothing.tar'],
])('%s is refused', async (_, asked) => {
  const { path, allowed } = await folders();
  await expect(
    allowFileSource(parseReference(`oci-archive:${path}/${asked}`), [`${path}/missing`, allowed]),
  ).rejects.toMatchObject({ code: 'SOURCE_REFUSED' });
});

test.each([
  [
    '/etc/passwd',
    'the path "/etc/passwd" is not below any of the folders that this service may read (DIMGX_FILE_SOURCES)',
  ],
  ['a.tar', 'the path "a.tar" is not absolute, and a service is in no folder'],
])('the refusal of %s says why', async (path, message) => {
  await expect(allowFileSource(parseReference(`docker-archive:${path}`), ['/srv'])).rejects.toMatchObject({
    message,
  });
});

test('a folder that is a link itself allows what it leads to', async () => {
  const { path, allowed } = await folders();
  const reference = await allowFileSource(parseReference(`docker-archive:${path}/door/a.tar`), [
    `${path}/door/`,
  ]);
  expect(reference).toMatchObject({ file: `${allowed}/a.tar` });
});

test('a layout may be an allowed folder itself', async () => {
  const { allowed } = await folders();
  expect(await allowFileSource(parseReference(`oci:${allowed}`), [allowed])).toMatchObject({
    folder: allowed,
  });
});

test('what is not there, inside, is said not to be there', async () => {
  const { allowed } = await folders();
  await expect(
    allowFileSource(parseReference(`docker-archive:${allowed}/nothing.tar`), [allowed]),
  ).rejects.toMatchObject({ code: 'ARCHIVE_NOT_FOUND' });
});

test.each(['docker-archive:a.tar', 'oci:./layout', 'docker-archive:../allowed/a.tar', '-'])(
  '%s is refused in a service, whatever is allowed',
  async (text) => {
    await expect(allowFileSource(parseReference(text), ['/', process.cwd()])).rejects.toMatchObject({
      code: 'SOURCE_REFUSED',
    });
  },
);

test('without folders, every file is refused', async () => {
  const { allowed } = await folders();
  await expect(allowFileSource(parseReference(`docker-archive:${allowed}/a.tar`), [])).rejects.toMatchObject({
    code: 'SOURCE_REFUSED',
  });
});

test.each(['alpine:3', 'docker-daemon:alpine', 'docker://alpine'])('%s names no file', async (text) => {
  const reference = parseReference(text);
  expect(await allowFileSource(reference, [])).toBe(reference);
});
