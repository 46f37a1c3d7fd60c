import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  describeImage,
  type HistoryReport,
  type ImageReport,
  imageReportSchema,
  inspectImage,
  type LayerReport,
  layerUsage,
  openImage,
} from '@dimgx/core';
import { afterEach, beforeAll, expect, inject, test } from 'vitest';
import { dimgx, fault, killRemaining } from '../support/command/dimgx.ts';
import { writeFolder } from '../support/images/archive-files.ts';
import { dockerArchive, layerFolders } from '../support/images/docker-archive.ts';
import { EngineClient } from '../support/images/engine-client.ts';
import { layer } from '../support/images/layer.ts';
import { ociArchive, ociLayoutFiles } from '../support/images/oci-layout.ts';
import type { RealImage } from '../support/images/real-images.ts';
import { hexOf, type ImageSpec, type TestImage, testImage } from '../support/images/test-image.ts';
import { needs } from '../support/parts/needs.ts';
import { sharedPart } from '../support/parts/shared-parts.ts';

const spec: ImageSpec = {
  layers: [
    { tar: layer().directory('d').file('d/a', 'hello').file('b', 'bye'), createdBy: 'COPY d /' },
    { tar: layer().whiteout('b').file('d/a', 'changed').file('c'), createdBy: 'RUN change' },
  ],
  tags: ['dimgx-report/app:1'],
  config: {
    User: 'me',
    Env: ['A=b'],
    Entrypoint: ['/run'],
    Cmd: ['-v'],
    WorkingDir: '/srv',
    Labels: { a: 'b' },
    ExposedPorts: { '80/tcp': {} },
    Volumes: { '/data': {} },
    StopSignal: 'SIGQUIT',
  },
};
const image = testImage(spec);
const [oldest, newest] = image.layers;
const usage = [
  { added: 1, changed: 1, removed: 1, wastedBytes: 0 },
  { added: 3, changed: 0, removed: 0, wastedBytes: 8 },
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(inject('runFolder'), 'report-'));
});

afterEach(killRemaining);

const archives: Record<string, () => Promise<string>> = {
  'an archive of docker 25': () => archive('docker-25'),
  'an archive of docker 1.10': () => archive('docker-1.10'),
  'an archive of docker before 1.10': () => archive('legacy'),
  'an OCI archive': async () => `oci-archive:${await file(ociArchive(spec))}`,
  'an OCI layout': async () => {
    const layout = await mkdtemp(join(folder, 'layout-'));
    await writeFolder(ociLayoutFiles(spec), layout);
    return `oci:${layout}`;
  },
};

async function archive(form: Parameters<typeof dockerArchive>[1]): Promise<string> {
  return `docker-archive:${await file(dockerArchive(image, form))}`;
}

async function file(bytes: Buffer): Promise<string> {
  const path = join(await mkdtemp(join(folder, 'file-')), 'image.tar');
  await writeFile(path, bytes);
  return path;
}

/** What is told of an image without its layers, and with them. */
async function reports(reference: string, dockerHost?: string): Promise<[ImageReport, ImageReport]> {
  const options = { dockerHost, spoolFolder: folder };
  const described = inspectImage(await describeImage(reference, options));
  const opened = await openImage(reference, options);
  try {
    return [described, inspectImage(opened, { usage: await layerUsage(opened, { spoolFolder: folder }) })];
  } finally {
    await opened.close();
  }
}

function expectWhole([described, read]: readonly [ImageReport, ImageReport]): void {
  for (const report of [described, read]) {
    expect(imageReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(report.image.config).toEqual({
      ...{ user: 'me', env: ['A=b'], entrypoint: ['/run'], cmd: ['-v'], workingDir: '/srv' },
      ...{ labels: { a: 'b' }, exposedPorts: ['80/tcp'], volumes: ['/data'], stopSignal: 'SIGQUIT' },
    });
    const [upper, lower] = report.layers;
    expect(upper).toMatchObject({ index: 1, diffId: newest.diffId, createdBy: 'RUN change', children: [] });
    expect(lower).toMatchObject({ index: 0, diffId: oldest.diffId, createdBy: 'COPY d /', parent: null });
    expect(lower.children).toEqual([upper.id]);
    expect(upper.parent).toBe(lower.id);
    expect(report.history.map(({ layer: index }) => index)).toEqual([0, 1]);
  }
  expect(read.layers).toMatchObject([
    { usage: usage[0], uncompressedSize: newest.tar.length },
    { usage: usage[1], uncompressedSize: oldest.tar.length },
  ]);
}

test.each(Object.entries(archives))('an image in %s is told of whole', async (_, place) => {
  expectWhole(await reports(await place()));
});

test('layers of an archive before 1.10 are images, and go by their ids', async () => {
  const report = inspectImage(await describeImage(await archive('legacy')));
  expect(report.layers.map(({ id }) => id)).toEqual(layerFolders(image).toReversed());
});

test('an OCI manifest tells of blobs as they are stored', async () => {
  const zipped: ImageSpec = { layers: [{ tar: oldest.tar, compression: 'gzip' }] };
  const path = await file(ociArchive(zipped));
  const { layers } = inspectImage(await describeImage(`oci-archive:${path}`));
  const { blob, digest, mediaType } = testImage(zipped).layers[0];
  expect(layers[0]).toMatchObject({
    ...{ blobDigest: digest, mediaType, compression: 'gzip', size: blob.length, compressedSize: blob.length },
  });
  expect(layers[0]).not.toHaveProperty('uncompressedSize');
});

needs('docker')('an image that a Docker engine has', () => {
  let dockerHost: string;
  let engine: EngineClient;
  beforeAll(async () => {
    const docker = await sharedPart('docker');
    dockerHost = docker.host;
    engine = new EngineClient(docker.socketPath);
  });

  test('is told of whole, though it names no parents', async () => {
    await engine.load(dockerArchive(image, 'docker-1.10'));
    expectWhole(await reports(`docker-daemon:${image.tags[0]}`, dockerHost));
  });

  const named = (name: string) => `dimgx-report/${name}:1`;

  async function built(name: string, dockerfile: string): Promise<string> {
    const files = layer()
      .file('Dockerfile', dockerfile)
      .file('one', '1')
      .file('two', '22')
      .file('three', '333');
    await engine.build(files.tar(), named(name));
    return String((await engine.inspect(named(name))).Id).replace('sha256:', '');
  }

  async function inspected(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await dimgx(['inspect', ...args], { env: { DOCKER_HOST: dockerHost } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.toString();
  }

  test('is told with its steps, and with the images that it built upon it', async () => {
    const base = await built('base', 'FROM scratch\nCOPY one /one\nENV A=b\nCOPY two /two\nCMD ["/one"]');
    const children = [
      await built('left', `FROM ${named('base')}\nCOPY three /three`),
      await built('right', `FROM ${named('base')}\nENV B=c`),
    ];
    const report = imageReportSchema.parse(JSON.parse(await inspected(named('base'), '--json')));
    const [upper, lower] = report.layers;
    expect(upper).toMatchObject({ id: base, parent: lower.id, tags: [named('base')], size: 2 });
    expect([...upper.children].sort()).toEqual(children.sort());
    expect(lower.children).toEqual([base]);
    const [stepId] = upper.otherIds ?? [];
    expect(await inspected(named('base'), '-q', '-l', String(stepId))).toBe(`${base}\n`);
    const steps = report.history.map(({ createdBy, layer: index }) => [createdBy, index]);
    expect(steps).toEqual([
      [expect.stringContaining('COPY'), 0],
      [expect.stringContaining('ENV A=b'), undefined],
      [expect.stringContaining('COPY'), 1],
      [expect.stringContaining('CMD'), undefined],
    ]);
    const table = (await inspected(named('base'))).trimEnd().split('\n');
    expect(table.map((line) => line.split(/ {2,}/)[1])).toEqual([
      'ID',
      '-',
      base.slice(0, 12),
      '-',
      lower.shortId,
    ]);
  });

  test('is read where that was asked for', async () => {
    const id = await built('usage', 'FROM scratch\nCOPY one /one\nCOPY two /one');
    const report = imageReportSchema.parse(JSON.parse(await inspected(id.slice(0, 12), '--json', '--usage')));
    expect(report.layers).toMatchObject([
      { id, compression: 'none', usage: { added: 0, changed: 1, removed: 0, wastedBytes: 0 } },
      { usage: { added: 1, changed: 0, removed: 0, wastedBytes: 1 } },
    ]);
  });

  test('is said to be ambiguous by a prefix that it shares', async () => {
    const [one, other] = twoOfOnePrefix(3);
    await engine.load(dockerArchive([one, other], 'docker-1.10'));
    const prefix = hexOf(one.configDigest).slice(0, 3);
    const outcome = await dimgx(['inspect', `docker-daemon:${prefix}`], { env: { DOCKER_HOST: dockerHost } });
    expect(fault(outcome)).toMatch(
      /^dimgx: IMAGE_AMBIGUOUS: \w{3} is the start of \d+ images of the Docker engine/,
    );
    for (const { configDigest } of [one, other]) expect(outcome.stderr).toContain(hexOf(configDigest));
  });
});

needs('realImages')('a real image', () => {
  let images: readonly RealImage[];
  let dockerHost: string;
  beforeAll(async () => {
    ({ images } = await sharedPart('realImages'));
    dockerHost = (await sharedPart('docker')).host;
  });

  const step = ({ createdBy, layer: index }: HistoryReport) => [createdBy, index];
  const chained = ({ diffId, chainId, createdBy }: LayerReport) => ({ diffId, chainId, createdBy });
  const measured = ({ uncompressedSize, usage: counts }: LayerReport) => ({ uncompressedSize, counts });

  test.each(['debian', 'odd'])('is told alike by its engine and by its archives: %s', async (name) => {
    const image = images.find((each) => each.name === name);
    if (image === undefined) throw new Error(`no image ${name} was built`);
    const { folderArchive, layoutArchive, reference } = image;
    const [, read] = await reports(`docker-archive:${folderArchive}`);
    const [, other] = await reports(`docker-archive:${layoutArchive}`);
    const described = inspectImage(await describeImage(`docker-daemon:${reference}`, { dockerHost }));
    expect(other.layers.map(measured)).toEqual(read.layers.map(measured));
    for (const { layers, history, image: facts } of [other, described]) {
      expect(layers.map(chained)).toEqual(read.layers.map(chained));
      expect(history.map(step)).toEqual(read.history.map(step));
      expect(facts.config).toEqual(read.image.config);
    }
  });
});

/** Two images whose ids start with the same digits. */
function twoOfOnePrefix(digits: number): [TestImage, TestImage] {
  const byPrefix = new Map<string, TestImage>();
  for (let number = 0; ; number++) {
    const next = testImage({
      layers: [],
      tags: [`dimgx-report/n${number}:1`],
      config: { Cmd: [`${number}`] },
    });
    const prefix = hexOf(next.configDigest).slice(0, digits);
    const known = byPrefix.get(prefix);
    if (known !== undefined) return [known, next];
    byPrefix.set(prefix, next);
  }
}
