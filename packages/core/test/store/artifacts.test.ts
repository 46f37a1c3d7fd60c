import { readdir } from 'node:fs/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Sink } from '../../src/flatten/options.ts';
import { sidecarKey } from '../../src/store/artifact-key.ts';
import { findArtifact, saveArtifact } from '../../src/store/artifacts.ts';
import { DirectoryStore } from '../../src/store/directory-store.ts';
import { type FlattenReport, flattenReport } from '../../src/store/flatten-report.ts';
import { content, flattenOutcome } from './flatten-outcome.ts';
import { imageDescription } from './image-description.ts';
import { temporaryFolder } from './temporary-folder.ts';

const name = { key: 'debian/0123456789ab/artifact.tar', fingerprint: 'ab'.repeat(32) };
const other = { ...name, fingerprint: 'cd'.repeat(32) };
const mediaType = 'application/x-tar';

let root: string;
let store: DirectoryStore;
let cancel: AbortController;
let signal: AbortSignal;

beforeEach(async () => {
  root = await temporaryFolder();
  store = new DirectoryStore(root);
  cancel = new AbortController();
  signal = cancel.signal;
});

const report = flattenReport({
  image: imageDescription(),
  outcome: flattenOutcome,
  key: name.key,
  durationMs: 5,
});

async function flatten(sink: Sink): Promise<FlattenReport> {
  if (sink.kind === 'chunks') await sink.write(content);
  return report;
}

const save = (work = flatten, as = name) => saveArtifact(store, as, { mediaType, signal }, work);
const find = (as = name) => findArtifact(store, as, signal);
const write = (key: string, bytes: string) => store.write(key, Buffer.from(bytes), { mediaType, signal });
const files = async () =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

describe('an artifact', () => {
  test('is found once it is saved', async () => {
    expect(await find()).toEqual({ state: 'absent' });
    expect(await save()).toEqual(report);
    expect(await find()).toEqual({ state: 'found', report: { ...report, cached: true } });
    expect((await store.read(name.key, signal))?.toString()).toBe('artifact\n');
  });

  test('is found under the key it was moved to', async () => {
    await save();
    const bytes = await store.read(sidecarKey(name.key), signal);
    await write('moved.tar', content.toString());
    await write(sidecarKey('moved.tar'), String(bytes));
    expect(await find({ ...name, key: 'moved.tar' })).toMatchObject({
      report: { artifact: { key: 'moved.tar' } },
    });
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'its sidecar is broken',
      () => write(sidecarKey(name.key), '{"image":'),
      /^the sidecar of .* is broken: it is not JSON$/,
    ],
    ['it is cut off', () => write(name.key, 'arti'), /has 4 bytes, and 9 by its sidecar$/],
    ['it is gone', () => store.remove(name.key, signal), /has no bytes, and 9 by its sidecar$/],
    ['it is of other work', () => save(flatten, other), /is the artifact of other work$/],
  ])('is not found, with a reason, if %s', async (_, spoil, reason) => {
    await save();
    await spoil();
    expect(await find()).toEqual({ state: 'unusable', reason: expect.stringMatching(reason) });
  });

  test('is not found before its sidecar is there', async () => {
    store.write = () => Promise.reject(new Error('power cut'));
    await expect(save()).rejects.toThrow('power cut');
    expect(await find()).toEqual({ state: 'absent' });
  });

  test('loses the sidecar of other work before it replaces it', async () => {
    await save(flatten, other);
    store.write = () => Promise.reject(new Error('power cut'));
    await expect(save()).rejects.toThrow('power cut');
    expect(await find(other)).toEqual({ state: 'absent' });
  });

  test('replaces nothing if flattening fails', async () => {
    await save();
    const failure = new Error('layer 3 is broken');
    const failing = async (sink: Sink) => {
      await flatten(sink);
      throw failure;
    };
    await expect(save(failing, other)).rejects.toBe(failure);
    expect(await find()).toMatchObject({ state: 'found' });
    expect(await files()).toHaveLength(2);
  });

  test('leaves nothing if the work is cancelled', async () => {
    const reason = new Error('cancelled');
    const cancelled = async (sink: Sink) => {
      await flatten(sink);
      cancel.abort(reason);
      return report;
    };
    await expect(save(cancelled)).rejects.toBe(reason);
    expect(await files()).toEqual([]);
  });

  test('has the size that its report says', async () => {
    const short = async (sink: Sink) => {
      await flatten(sink);
      return { ...report, artifact: { ...report.artifact, size: 10 } };
    };
    await expect(save(short)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await find()).toEqual({ state: 'absent' });
  });
});
