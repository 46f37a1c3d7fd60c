import { expect, test } from 'vitest';
import type { ImageDescription } from '../../src/image/image.ts';
import { chooseLayers } from '../../src/inspect/choose-layers.ts';
import { imageReportSchema } from '../../src/inspect/image-report.ts';
import { inspectImage } from '../../src/inspect/inspect-image.ts';
import { described, digestLike } from './described.ts';

const image = described([
  { diffId: digestLike('aa'), size: 100, tags: ['base:1'] },
  { diffId: digestLike('bb'), size: 20 },
  { diffId: digestLike('cc'), size: 3, tags: ['app:1'] },
]);
const [oldest, middle, newest] = image.layers;

test('layers come newest first, with what lies below them', () => {
  const { layers } = inspectImage(image);
  expect(layers.map(({ index, size, sizeBelow, totalSize }) => [index, size, sizeBelow, totalSize])).toEqual([
    [2, 3, 120, 123],
    [1, 20, 100, 120],
    [0, 100, 0, 100],
  ]);
  expect(layers[0]).toMatchObject({ shortId: 'f00d00000000', tags: ['app:1'], diffId: digestLike('cc') });
});

test('the chain goes from the image to its root, and back', () => {
  const { layers } = inspectImage(image);
  expect(layers.map(({ parent }) => parent)).toEqual([middle.id, oldest.id, null]);
  expect(layers.map(({ children }) => children)).toEqual([[], [newest.id], [middle.id]]);
});

test('other ids of a stack are told where there are some', () => {
  const others = ['3'.repeat(64)];
  const report = inspectImage({ ...image, layers: [{ ...oldest, otherIds: others }, middle, newest] });
  expect(report.layers.map(({ otherIds }) => otherIds)).toEqual([undefined, undefined, others]);
});

test('children that only the source knows come behind the next layer', () => {
  const others = ['1'.repeat(64), '2'.repeat(64)];
  const layers = image.layers.map((layer) => ({ ...layer, children: others }));
  const report = inspectImage({ ...image, layers });
  expect(report.layers.map(({ children }) => children)).toEqual([
    others,
    [newest.id, ...others],
    [middle.id, ...others],
  ]);
});

test('chosen layers come as they were chosen: parents are of the image, sizes of the chosen stack', () => {
  const { layers } = chooseLayers(image, { specs: ['@0', '@2'] });
  const report = inspectImage(image, { layers });
  expect(report.layers.map(({ index, sizeBelow, totalSize }) => [index, sizeBelow, totalSize])).toEqual([
    [0, 3, 103],
    [2, 0, 3],
  ]);
  expect(report.layers.map(({ parent }) => parent)).toEqual([null, middle.id]);
});

test('usage goes to the layers that it is of, lowest precedence first', () => {
  const { layers } = chooseLayers(image, { specs: ['@0', '@2'] });
  const usage = [
    { added: 1, changed: 0, removed: 0, wastedBytes: 7, uncompressedSize: 1024 },
    { added: 2, changed: 3, removed: 4, wastedBytes: 0, uncompressedSize: 2048 },
  ];
  const report = inspectImage(image, { layers, usage });
  expect(report.layers).toMatchObject([
    { index: 0, uncompressedSize: 2048, usage: { added: 2, changed: 3, removed: 4, wastedBytes: 0 } },
    { index: 2, uncompressedSize: 1024, usage: { added: 1, changed: 0, removed: 0, wastedBytes: 7 } },
  ]);
  expect(report.layers[0].usage).not.toHaveProperty('uncompressedSize');
});

test.each([
  ['none', { uncompressedSize: 100 }],
  ['gzip', { compressedSize: 100 }],
] as const)('a layer that lies in the source with the compression %s', (compression, sizes) => {
  const { layers } = inspectImage({ ...image, layers: [{ ...oldest, compression }] });
  const { compressedSize, uncompressedSize } = layers[0];
  expect({ compressedSize, uncompressedSize }).toEqual(sizes);
});

test('of a layer that is not at hand, neither of both sizes is told', () => {
  const [layer] = inspectImage(image).layers;
  expect(layer).not.toHaveProperty('compressedSize');
  expect(layer).not.toHaveProperty('uncompressedSize');
});

const lines = (...empty: boolean[]): ImageDescription['history'] =>
  empty.map((emptyLayer, index) => ({ createdBy: `line ${index}`, emptyLayer }));

test('lines of the history name the layers that they made', () => {
  const { history } = inspectImage({ ...image, history: lines(false, true, false, true, false) });
  expect(history.map(({ layer }) => layer)).toEqual([0, undefined, 1, undefined, 2]);
});

test('a history that does not match the layers names none', () => {
  const { history } = inspectImage({ ...image, history: lines(false, true) });
  expect(history).toEqual(lines(false, true));
});

test('the image is told of whole, in plain JSON, as the schema has it', () => {
  const config = {
    ...image.config,
    ...{ user: 'me', workingDir: '/srv', labels: { a: 'b' }, exposedPorts: ['80/tcp'], stopSignal: 'SIGINT' },
  };
  const report = inspectImage({ ...image, config, history: lines(true) });
  expect(report.image).toEqual({
    reference: 'test',
    digest: image.digest,
    configDigest: image.configDigest,
    platform: 'linux/amd64',
    repoTags: ['app:1'],
    created: '2020-01-02T03:04:05Z',
    config,
  });
  expect(imageReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
});

test('an open image is told of as a described one', () => {
  const open = { description: image, blobs: [], close: async () => {} };
  expect(inspectImage(open)).toEqual(inspectImage(image));
});

test('an image without layers has none to tell of', () => {
  expect(inspectImage(described([])).layers).toEqual([]);
});
