import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { flattenToFile } from '../support/flattened-file.ts';
import { writeArchive, writeFolder } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { ociLayoutFiles } from '../support/images/oci-layout.ts';
import { randomLayers } from '../support/images/random-image.ts';
import type { RealImage } from '../support/images/real-images.ts';
import type { ImageSpec } from '../support/images/test-image.ts';
import { copiedBySkopeo, type Unpacked, unpackedByUmoci } from '../support/judges/umoci.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { sharedPart } from '../support/parts/shared-parts.ts';
import { compareTrees } from '../support/tree/compare-trees.ts';
import { treeOfTar } from '../support/tree/tar-tree.ts';
import { adversarialImages } from './adversarial-images.ts';

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

/** Flattens both forms of archive, which must give the same bytes, and judges them. */
async function judged(image: ImageSpec): Promise<string[]> {
  const folder = await newFolder();
  for (const form of ['docker-1.10', 'docker-25'] as const) {
    await writeArchive(dockerArchiveFiles(image, form), join(folder, `${form}.tar`));
    await flattenToFile(
      `docker-archive:${join(folder, `${form}.tar`)}`,
      join(folder, `${form}.flat.tar`),
      {},
    );
  }
  const [one, other] = ['docker-1.10', 'docker-25'].map((form) =>
    readFileSync(join(folder, `${form}.flat.tar`)),
  );
  expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true);
  await writeFolder(ociLayoutFiles(image), join(folder, 'layout'));
  const [tag = ''] = image.tags ?? [];
  const unpacked = await unpackedByUmoci(join(folder, 'layout'), tag, join(folder, 'root'));
  return faults(join(folder, 'docker-25.flat.tar'), unpacked);
}

needs('umoci', 'python')('an adversarial image is what umoci makes of it', () => {
  test.each(adversarialImages)('$name', async ({ layers }) => {
    expect(await judged({ layers, tags: ['adversarial'] })).toEqual([]);
  });

  test.each(Array.from({ length: 40 }, (_, index) => index + 1))('random layers of seed %i', async (seed) => {
    expect(await judged({ layers: randomLayers(seed), tags: ['random:1'] })).toEqual([]);
  });
});
