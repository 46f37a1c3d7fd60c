import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { flattenToFile } from '../support/flattened-file.ts';
import { writeArchive, writeFolder } from '../support/images/archive-files.ts';
import { type DockerArchiveForm, dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { ociLayoutFiles } from '../support/images/oci-layout.ts';
import type { RealImage } from '../support/images/real-images.ts';
import type { ImageSpec } from '../support/images/test-image.ts';
import { copiedBySkopeo, type Unpacked, unpackedByUmoci } from '../support/judges/umoci.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { tarOf } from '../support/model/layer-entry.ts';
import { needs } from '../support/parts/needs.ts';
import { sharedPart } from '../support/parts/shared-parts.ts';
import { compareTrees } from '../support/tree/compare-trees.ts';
import { treeOfTar } from '../support/tree/tar-tree.ts';
import { adversarialImages } from './adversarial-images.ts';
import { combinedImage } from './umoci-images.ts';

const { own } = watchForLeaks();
let count = 0;

async function newFolder(): Promise<string> {
  const folder = join(own, String(count++));
  await mkdir(folder);
  return folder;
}

/** How a flattened tar differs from what umoci unpacked, and what is wrong with the tar itself. */
async function faults(tar: string, { tree, since }: Unpacked): Promise<string[]> {
  const ours = await treeOfTar(tar);
  return [...ours.problems, ...compareTrees(ours, tree, { extractedSince: since })];
}

needs(
  'realImages',
  'skopeo',
  'umoci',
)('an image that a real engine built is what umoci makes of it', () => {
  let images: readonly RealImage[];
  let dockerHost: string;
  beforeAll(async () => {
    ({ images } = await sharedPart('realImages'));
    dockerHost = (await sharedPart('docker')).host;
  });

  const transports = {
    'docker-archive, folders (before Docker 25)': (image: RealImage) =>
      `docker-archive:${image.folderArchive}`,
    'docker-archive, OCI layout (Docker 25 and newer)': (image: RealImage) =>
      `docker-archive:${image.layoutArchive}`,
    'docker-daemon': (image: RealImage) => `docker-daemon:${image.reference}`,
  };
  describe.each(Object.entries(transports))('%s', (_, referenceOf) => {
    test.each(['debian', 'odd'])('%s', async (name) => {
      const image = images.find((each) => each.name === name);
      if (image === undefined) throw new Error(`no image ${name} was built`);
      const reference = referenceOf(image);
      const folder = await newFolder();
      await flattenToFile(reference, join(folder, 'flat.tar'), { dockerHost });
      await copiedBySkopeo(reference, join(folder, 'layout'), dockerHost);
      const unpacked = await unpackedByUmoci(join(folder, 'layout'), 'image', join(folder, 'root'));
      expect(unpacked.tree.size).toBeGreaterThan(10);
      expect(await faults(join(folder, 'flat.tar'), unpacked)).toEqual([]);
    });
  });
});

async function flattened(image: ImageSpec, form: DockerArchiveForm, folder: string): Promise<string> {
  const archive = join(folder, `${form}.tar`);
  const flat = join(folder, `${form}.flat.tar`);
  await writeArchive(dockerArchiveFiles(image, form), archive);
  await flattenToFile(`docker-archive:${archive}`, flat);
  return flat;
}

/** How umoci's root filesystem of an image differs from the flattened tar. */
async function judged(image: ImageSpec, flat: string, folder: string): Promise<string[]> {
  await writeFolder(ociLayoutFiles({ ...image, tags: ['image'] }), join(folder, 'layout'));
  return faults(flat, await unpackedByUmoci(join(folder, 'layout'), 'image', join(folder, 'root')));
}

needs('umoci', 'python')('an adversarial image is what umoci makes of it', () => {
  test.each(adversarialImages)('$name', async ({ layers }) => {
    const folder = await newFolder();
    const image = { layers, tags: ['adversarial:1'] };
    const flat = await flattened(image, 'docker-25', folder);
    const other = await flattened(image, 'docker-1.10', folder);
    expect(readFileSync(flat).equals(readFileSync(other))).toBe(true);
    expect(await judged(image, flat, folder)).toEqual([]);
  });

  test.each([0, 100, 200, 300, 400])('random layers of a hundred seeds from %i', async (first) => {
    const seeds = Array.from({ length: 100 }, (_, index) => first + index);
    const folder = await newFolder();
    const image = { layers: combinedImage(seeds).map(tarOf), tags: ['random:1'] };
    expect(await judged(image, await flattened(image, 'docker-1.10', folder), folder)).toEqual([]);
  });
});
