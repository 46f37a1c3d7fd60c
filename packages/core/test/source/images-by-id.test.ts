import { describe, expect, test } from 'vitest';
import { archiveOf, json } from '../../../../test/support/images/archive-files.ts';
import {
  dockerArchive,
  dockerArchiveFiles,
  layerFolders,
} from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { ociArchive } from '../../../../test/support/images/oci-layout.ts';
import { imageManifest } from '../../../../test/support/images/oci-manifest.ts';
import { hexOf, type ImageSpec, sha256, testImage } from '../../../../test/support/images/test-image.ts';
import { describeImage } from '../../src/source/open-image.ts';
import { testFolder, written } from './test-sources.ts';

const specFor = (architecture: string): ImageSpec => ({
  layers: [layer().file(architecture)],
  platform: { architecture },
});
const [amd64, arm64, s390x] = ['amd64', 'arm64', 's390x'].map(specFor);
const idOf = (spec: ImageSpec) => testImage(spec).configDigest;
const manifestOf = (spec: ImageSpec) => sha256(imageManifest(testImage(spec)));

async function chosen(transport: string, archive: Buffer, choice: string) {
  const path = await written(await testFolder(), archive);
  return describeImage(`${transport}:${path}:${choice}`);
}

describe('an image of several platforms in an OCI layout', () => {
  const archive = ociArchive([
    { index: [amd64, arm64], tags: ['app:1'] },
    { ...s390x, tags: ['other:1'] },
  ]);

  test.each([
    ['the id of one', hexOf(idOf(arm64)), arm64, ['app:1']],
    ['the start of its id', hexOf(idOf(arm64)).slice(0, 12), arm64, ['app:1']],
    ['the digest of its manifest', hexOf(manifestOf(amd64)), amd64, ['app:1']],
    ['the id of another image', hexOf(idOf(s390x)), s390x, ['other:1']],
  ])('is chosen by %s', async (_, choice, spec, tags) => {
    const description = await chosen('oci-archive', archive, choice);
    expect(description).toMatchObject({ configDigest: idOf(spec), digest: manifestOf(spec), repoTags: tags });
  });

  test('is not found by the id of none, and the names are told', async () => {
    await expect(chosen('oci-archive', archive, 'f'.repeat(64))).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      message: expect.stringMatching(/it holds oci-archive:\S+\.tar:app:1, oci-archive:\S+\.tar:other:1$/),
    });
  });

  test('may have the same start of an id as another', async () => {
    const many = Array.from({ length: 17 }, (_, number) => specFor(`cpu${number}`));
    const first = (spec: ImageSpec) => hexOf(idOf(spec)).slice(0, 1);
    const shared = many.map(first).find((digit, at, all) => all.indexOf(digit) < at) ?? '';
    await expect(
      chosen('oci-archive', ociArchive({ index: many, tags: ['x:1'] }), shared),
    ).rejects.toMatchObject({
      code: 'IMAGE_AMBIGUOUS',
      message: expect.stringMatching(/holds \d+ such images; name one of oci-archive:\S+\.tar:sha256:/),
    });
  });
});

test('an image of docker 25 is chosen by its manifest, which newer engines call its id', async () => {
  const archive = dockerArchive(
    [
      { ...amd64, tags: ['app:1'] },
      { ...arm64, tags: ['other:1'] },
    ],
    'docker-25',
  );
  const description = await chosen('docker-archive', archive, hexOf(manifestOf(arm64)).slice(0, 12));
  expect(description.configDigest).toBe(idOf(arm64));
});

describe('an archive of docker before 1.10', () => {
  const image = testImage({ layers: ['a', 'b', 'c'].map((name) => layer().file(name)), tags: ['app:1'] });
  const ids = layerFolders(image);

  test('has images that others lie upon, which go by their ids', async () => {
    const { layers, repoTags } = await chosen(
      'docker-archive',
      dockerArchive(image, 'legacy'),
      ids[1].slice(0, 12),
    );
    expect(layers.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(repoTags).toEqual([]);
  });

  test('has these alone: folders beside a newer manifest are no images', async () => {
    const archive = dockerArchive(image, 'docker-1.10');
    await expect(chosen('docker-archive', archive, ids[1])).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
    });
  });

  test('may have two of them whose ids start alike', async () => {
    const files = dockerArchiveFiles(image, 'legacy');
    const twins = ['0', '1'].map((end) => `${ids[0].slice(0, 8)}${end.repeat(56)}`);
    for (const id of twins) files.set(`${id}/json`, json({ id }));
    const attempt = chosen('docker-archive', archiveOf(files), ids[0].slice(0, 8));
    await expect(attempt).rejects.toMatchObject({
      code: 'IMAGE_AMBIGUOUS',
      message: expect.stringContaining(`sha256:${twins[0]}`),
    });
  });
});
