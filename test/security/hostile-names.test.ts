import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dimgx, fault, killRemaining } from '../support/command/dimgx.ts';
import { type ArchiveFiles, archiveOf, json } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import type { ImageSpec, LayerSpec } from '../support/images/test-image.ts';
import { watchForLeaks } from '../support/leak-check.ts';

const { own, temporary } = watchForLeaks();
/** A line of its own, a change of colour in both of its spellings, a title, and text that runs the other way. */
const evil = 'a\nb\u001b[31m\u009b31m\u001b]0;title\u0007\u202e';
const obeyed = /[^\P{Cc}\n]|\u202e/u;
let count = 0;
let folder: string;

beforeEach(() => {
  folder = join(own, String(count++));
  mkdirSync(folder);
});
afterEach(killRemaining);

function archive(image: ImageSpec, change: (files: ArchiveFiles) => void = () => {}): string {
  const files = dockerArchiveFiles(image, 'docker-1.10');
  change(files);
  writeFileSync(join(folder, 'image.tar'), archiveOf(files));
  return `docker-archive:${join(folder, 'image.tar')}`;
}

const sound: ImageSpec = { layers: [layer().file('a')], tags: ['a:1'] };

/** The only entry of `manifest.json` with other fields. */
function entryWith(fields: object): (files: ArchiveFiles) => void {
  return (files) => {
    const [entry] = JSON.parse(String(files.get('manifest.json')));
    files.set('manifest.json', json([{ ...entry, ...fields }]));
  };
}

test.each<[string, string, LayerSpec, ((files: ArchiveFiles) => void)?]>([
  ['of an entry of an unknown type', 'LAYER_INVALID', layer().entry({ name: evil, type: 'Q' })],
  ['of a hard link and its target', 'HARDLINK_INVALID', layer().hardlink(evil, `${evil}2`)],
  ['of a whiteout', 'WHITEOUT_INVALID', layer().file(`${evil}/.wh.`)],
  ['of a member of the archive', 'BLOB_MISSING', layer(), entryWith({ Config: evil })],
  ['of an image', 'IMAGE_NOT_FOUND', layer(), entryWith({ RepoTags: [evil] })],
])('a name %s is no command to the terminal, and nothing is left', async (_, code, only, change) => {
  const reference = archive({ layers: [only], tags: ['a:1'] }, change);
  const asked = code === 'IMAGE_NOT_FOUND' ? `${reference}:b:1` : reference;
  const outcome = await dimgx(['flatten', asked, '-t', join(folder, 'flat.tar')]);
  expect(outcome.code).toBe(2);
  expect(fault(outcome)).toMatch(new RegExp(`^dimgx: ${code}: `));
  expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(outcome.stderr).not.toMatch(obeyed);
  expect(readdirSync(folder)).toEqual(['image.tar']);
  expect(readdirSync(temporary)).toEqual([]);
});

test('what an image says of itself is no command to the terminal', async () => {
  const history = [{ created: evil, created_by: evil, comment: evil, author: evil }];
  const config = { Env: [evil], Cmd: [evil], User: evil, Labels: { [evil]: evil }, WorkingDir: evil };
  const reference = archive({ ...sound, history, config, created: evil });
  const { code, stdout, stderr } = await dimgx(['inspect', reference]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.toString()).not.toMatch(obeyed);
});

test('names stay what they are in the tar', async () => {
  const reference = archive({ layers: [layer().file(evil, 'x')], tags: ['a:1'] });
  const { code } = await dimgx(['flatten', reference, '-t', join(folder, 'flat.tar')]);
  expect(code).toBe(0);
  expect(readFileSync(join(folder, 'flat.tar')).includes(evil)).toBe(true);
});

test.each<[string, string, (files: ArchiveFiles) => void]>([
  ['layer', 'DIGEST_MISMATCH', (files) => flip(files, /layer\.tar$/)],
  ['config', 'DIGEST_MISMATCH', (files) => flip(files, /^[0-9a-f]{64}\.json$/)],
  ['manifest', 'MANIFEST_INVALID', (files) => files.set('manifest.json', Buffer.from('[{'))],
])('a damaged %s leaves no file', async (_, code, damage) => {
  const outcome = await dimgx([
    'flatten',
    archive(sound, damage),
    '-t',
    join(folder, 'flat.tar.zst'),
    '--zstd',
  ]);
  expect([outcome.code, fault(outcome)]).toEqual([2, expect.stringMatching(new RegExp(`^dimgx: ${code}: `))]);
  expect(readdirSync(folder)).toEqual(['image.tar']);
  expect(readdirSync(temporary)).toEqual([]);
});

function flip(files: ArchiveFiles, name: RegExp): void {
  for (const [path, content] of files) {
    if (!name.test(path) || !Buffer.isBuffer(content)) continue;
    const damaged = Buffer.from(content);
    damaged.writeUInt8(damaged.readUInt8(0) ^ 1, 0);
    files.set(path, damaged);
  }
}
