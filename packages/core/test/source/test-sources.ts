import { readdirSync, readlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type FileRegion, readRegion } from '../../src/image/file-region.ts';
import type { Image, ImageDescription } from '../../src/image/image.ts';
import { type OpenOptions, openImage } from '../../src/source/open-image.ts';

/** A folder that goes with the test, and in it one for spooling. */
export interface TestFolder {
  readonly path: string;
  readonly spoolFolder: string;
}

export async function testFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'dimgx-source-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const spoolFolder = join(path, 'spool');
  await mkdir(spoolFolder);
  return { path, spoolFolder };
}

/** Writes the archive and gives the path. */
export async function written(folder: TestFolder, bytes: Buffer): Promise<string> {
  const path = join(folder.path, 'image.tar');
  await writeFile(path, bytes);
  return path;
}

export interface OpenedImage {
  readonly description: ImageDescription;
  /** The layers' bytes as stored, oldest first. */
  readonly layers: readonly Buffer[];
}

/** Opens the image, reads all of its layers and closes it. */
export async function opened(reference: string, options: OpenOptions): Promise<OpenedImage> {
  return readAndClose(await openImage(reference, options));
}

export async function readAndClose(image: Image): Promise<OpenedImage> {
  const layers = image.blobs.map(bytesOf);
  await image.close();
  return { description: image.description, layers };
}

function bytesOf(region: FileRegion): Buffer {
  const bytes = Buffer.alloc(region.size);
  return bytes.subarray(0, readRegion(region, bytes, 0));
}

/** What files below the folder this process has open, those without a name too. */
export function openFilesBelow({ path }: TestFolder): string[] {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The descriptor by which the folder itself was read.
      return '';
    }
  });
  return targets.filter((target) => target.startsWith(path));
}
