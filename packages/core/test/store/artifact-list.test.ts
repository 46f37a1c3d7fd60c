import { beforeEach, expect, test } from 'vitest';
import { parseImageReference } from '../../src/image/reference.ts';
import { sidecarKey } from '../../src/store/artifact-key.ts';
import { type ArtifactQuery, listArtifacts } from '../../src/store/artifact-list.ts';
import { DirectoryStore } from '../../src/store/directory-store.ts';
import { flattenReport } from '../../src/store/flatten-report.ts';
import { formatSidecar } from '../../src/store/sidecar.ts';
import { content, flattenOutcome } from './flatten-outcome.ts';
import { imageDescription } from './image-description.ts';
import { temporaryFolder } from './temporary-folder.ts';

const fingerprint = 'ab'.repeat(32);
const { signal } = new AbortController();
const json = { mediaType: 'application/json', signal };

let store: DirectoryStore;
beforeEach(async () => {
  store = new DirectoryStore(await temporaryFolder());
});

async function put(key: string, reference: string): Promise<void> {
  const image = imageDescription({ reference, repoTags: [] });
  const report = flattenReport({ image, outcome: flattenOutcome, key, durationMs: 5 });
  await store.write(key, content, { mediaType: 'application/x-tar', signal });
  await store.write(sidecarKey(key), formatSidecar({ report, fingerprint }), json);
}

async function list(query: Partial<ArtifactQuery> = {}) {
  const { artifacts, next } = await listArtifacts(store, { limit: 100, signal, ...query });
  return { keys: artifacts.map(({ report }) => report.artifact.key), next };
}

function image(text: string) {
  const parsed = parseImageReference(text);
  return 'reference' in parsed ? parsed.reference : undefined;
}

test('artifacts are listed with their reports, by key', async () => {
  await put('debian/1/b.tar', 'debian:12');
  await put('debian/1/a.tar', 'debian:12');
  const { artifacts } = await listArtifacts(store, { limit: 100, signal });
  expect(artifacts.map(({ report }) => report.artifact.key)).toEqual(['debian/1/a.tar', 'debian/1/b.tar']);
  expect(artifacts[0]).toMatchObject({ fingerprint, report: { image: { reference: 'debian:12' } } });
  expect(artifacts[0]?.storedAt).toBeInstanceOf(Date);
});

test('what is not whole is none: without a sidecar, or beside one that is broken', async () => {
  await put('whole.tar', 'debian:12');
  await store.write('half.tar', content, { mediaType: 'application/x-tar', signal });
  await store.write('odd.tar', content, { mediaType: 'application/x-tar', signal });
  await store.write('odd.tar.json', Buffer.from('{}'), json);
  expect((await list()).keys).toEqual(['whole.tar']);
});

test('those of an image are found where they go by themselves, of that tag alone', async () => {
  await put('debian/1/a.tar', 'debian:12');
  await put('debian/2/a.tar', 'debian:13');
  await put('rootfs/debian.tar', 'debian:12');
  expect(await list({ image: image('debian:12') })).toEqual({ keys: ['debian/1/a.tar'] });
  expect(await list({ image: image('debian:12'), prefix: '' })).toEqual({
    keys: ['debian/1/a.tar', 'rootfs/debian.tar'],
  });
  expect(await list({ prefix: 'rootfs/' })).toEqual({ keys: ['rootfs/debian.tar'] });
});

test('pages follow each other without a gap', async () => {
  const keys = Array.from({ length: 25 }, (_, at) => `debian/${String.fromCharCode(97 + at)}.tar`);
  for (const [at, key] of keys.entries()) await put(key, at % 2 === 0 ? 'debian:12' : 'other');
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await list({ image: image('debian:12'), limit: 3, after });
    expect(page.keys.length).toBeLessThanOrEqual(3);
    seen.push(...page.keys);
    after = page.next;
  } while (after !== undefined);
  expect(seen).toEqual(keys.filter((_, at) => at % 2 === 0));
});

test('a page that looked at all it may tells where the next begins', async () => {
  await Promise.all(
    Array.from({ length: 1001 }, (_, at) => {
      const key = `other/${String(at).padStart(4, '0')}`;
      return store.write(key, content, { mediaType: 'application/x-tar', signal });
    }),
  );
  await put('z.tar', 'debian:12');
  const first = await list();
  expect(first).toEqual({ keys: [], next: 'other/0999' });
  expect(await list({ after: first.next })).toEqual({ keys: ['z.tar'] });
});
