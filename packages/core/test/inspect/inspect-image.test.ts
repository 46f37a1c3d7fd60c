import { expect, test } from 'vitest';
import { chooseLayers } from '../../src/inspect/choose-layers.ts';
import { inspectImage } from '../../src/inspect/inspect-image.ts';
import { described, digestLike } from './described.ts';

const image = described([
  { diffId: digestLike('aa'), size: 100, tags: ['base:1'] },
  { diffId: digestLike('bb'), size: 20 },
  { diffId: digestLike('cc'), size: 3, tags: ['app:1'] },
]);

test('layers come newest first, with what lies below them', () => {
  const { layers } = inspectImage(image);
  expect(layers.map(({ index, size, sizeBelow, totalSize }) => [index, size, sizeBelow, totalSize])).toEqual([
    [2, 3, 120, 123],
    [1, 20, 100, 120],
    [0, 100, 0, 100],
  ]);
  expect(layers.map(({ parent }) => parent)).toEqual([image.layers[1].id, image.layers[0].id, null]);
  expect(layers[0]).toMatchObject({ shortId: 'f00d00000000', tags: ['app:1'], diffId: digestLike('cc') });
});

test('chosen layers come as they were chosen, each with its place in the image', () => {
  const { layers } = chooseLayers(image, { specs: ['@0', '@2'] });
  const report = inspectImage(image, layers);
  expect(report.layers.map(({ index, totalSize }) => [index, totalSize])).toEqual([
    [0, 100],
    [2, 123],
  ]);
  expect(report.layers[1].parent).toBe(image.layers[1].id);
});

test('the image is told of whole, in plain JSON', () => {
  const report = inspectImage({ ...image, history: [{ createdBy: 'ENV A=b', emptyLayer: true }] });
  expect(report.image).toEqual({
    reference: 'test',
    digest: image.digest,
    configDigest: image.configDigest,
    platform: 'linux/amd64',
    repoTags: ['app:1'],
    created: '2020-01-02T03:04:05Z',
    config: image.config,
  });
  expect(report.history).toEqual([{ createdBy: 'ENV A=b', emptyLayer: true }]);
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

test('an image without layers has none to tell of', () => {
  expect(inspectImage(described([])).layers).toEqual([]);
});
