import { expect, test } from 'vitest';
import { archiveOf } from '../../../../test/support/images/archive-files.ts';
import { dockerArchiveFiles, layerFolders } from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { ociArchive } from '../../../../test/support/images/oci-layout.ts';
import { hexOf, testImage } from '../../../../test/support/images/test-image.ts';
import type { DiffId } from '../../src/image/digest.ts';
import { chainIds } from '../../src/image/digest.ts';
import { inspectImage } from '../../src/inspect/inspect-image.ts';
import { describeImage } from '../../src/source/open-image.ts';
import { testFolder, written } from './test-sources.ts';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => layer().file(name, name));
const specs = [
  { layers: [a, b], tags: ['app:1'] },
  { layers: [a], tags: ['base:1'] },
  // The same layers under another config.
  { layers: [a], tags: ['twin:1'], config: { Cmd: ['sh'] } },
  { layers: [a, b, c], tags: ['near:1'] },
  { layers: [a, c, d], tags: ['far:1'] },
  { layers: [d, a], tags: ['stranger:1'] },
];
const images = specs.map(testImage);
const [app, base, twin, near, far] = images;

const idOf = ({ configDigest }: typeof app) => hexOf(configDigest);
/** What inspecting `far` calls the layer that it has upon the first. */
const farMiddle = hexOf(chainIds(far.layers.slice(0, 2).map(({ diffId }) => diffId as DiffId))[1]);

async function inspected(archive: Buffer, transport = 'docker-archive', name = 'app:1') {
  const file = await written(await testFolder(), archive);
  return inspectImage(await describeImage(`${transport}:${file}:${name}`)).layers;
}

test.each([
  ['docker 1.10 to 24', 'docker-archive', archiveOf(dockerArchiveFiles(images, 'docker-1.10'))],
  ['docker 25', 'docker-archive', archiveOf(dockerArchiveFiles(images, 'docker-25'))],
  ['an OCI layout', 'oci-archive', ociArchive(specs)],
])('%s: layers are told what other images of the archive make of them', async (_, transport, archive) => {
  const [upper, lower] = await inspected(archive, transport);
  expect(upper).toMatchObject({ id: idOf(app), tags: ['app:1'], children: [idOf(near)] });
  expect(lower).toMatchObject({
    id: idOf(base),
    otherIds: [idOf(twin)],
    tags: ['base:1', 'twin:1'],
    children: [idOf(app), farMiddle],
  });
});

test('before docker 1.10 layers are images, and name their parents', async () => {
  const files = dockerArchiveFiles([app, near], 'legacy');
  const [own, others] = [app, near].map(layerFolders);
  // One engine gives a layer one id, whichever images are made of it.
  const json = JSON.parse(String(files.get(`${others[2]}/json`)));
  files.set(`${others[2]}/json`, Buffer.from(JSON.stringify({ ...json, parent: own[1] })));
  const [upper, lower] = await inspected(archiveOf(files));
  expect(upper).toMatchObject({ id: own[1], children: [others[2]] });
  expect(lower).toMatchObject({ id: own[0], children: [own[1]] });
});

test('what is wrong with another image is no fault of the one that was asked for', async () => {
  const files = dockerArchiveFiles(images, 'docker-1.10').set(`${idOf(near)}.json`, Buffer.from('{'));
  const [upper] = await inspected(archiveOf(files));
  expect(upper.children).toEqual([]);
});

test('an image that is listed twice is no other image', async () => {
  const [upper] = await inspected(archiveOf(dockerArchiveFiles([app, app], 'docker-1.10')));
  expect(upper).toMatchObject({ id: idOf(app), tags: ['app:1'], children: [] });
  expect(upper).not.toHaveProperty('otherIds');
});
