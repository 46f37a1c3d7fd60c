import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeArchive } from './archive-files.ts';
import { dockerArchiveFiles } from './docker-archive.ts';
import { EngineClient } from './engine-client.ts';
import { debianRecipe, oddRecipe } from './image-recipes.ts';
import { layer } from './layer.ts';
import { debootstrap } from './root-filesystem.ts';
import { savedImage } from './saved-image.ts';

/** An image that a real engine built, in the engine and as archives of both generations of `docker save`. */
export interface RealImage {
  readonly name: string;
  /** In the shared engine. */
  readonly reference: string;
  /** As the engine (before Docker 25) saved it. */
  readonly folderArchive: string;
  /** The same image as Docker 25 and newer save it. */
  readonly layoutArchive: string;
}

/** Builds the images in the engine, and writes their archives into `folder`, which is created. Takes a minute. */
export async function buildRealImages(
  folder: string,
  socketPath: string,
  signal: AbortSignal,
): Promise<RealImage[]> {
  await mkdir(folder, { recursive: true });
  const engine = new EngineClient(socketPath);
  const base = await debootstrap(folder, signal);
  await engine.import(base.tarFile, 'dimgx-test/base', '1');
  const busybox = await readFile(base.busyboxFile);
  const images: RealImage[] = [];
  for (const { name, dockerfile } of [debianRecipe, oddRecipe]) {
    const context = layer().file('Dockerfile', dockerfile).file('busybox', busybox, { mode: 0o755 });
    const reference = `dimgx-test/${name}:1`;
    await engine.build(context.tar(), reference);
    images.push(await savedInBothForms(engine, name, reference, folder));
  }
  return images;
}

async function savedInBothForms(
  engine: EngineClient,
  name: string,
  reference: string,
  folder: string,
): Promise<RealImage> {
  const folderArchive = join(folder, `${name}.folders.tar`);
  const layoutArchive = join(folder, `${name}.layout.tar`);
  await engine.save([reference], folderArchive);
  await writeArchive(dockerArchiveFiles(await savedImage(folderArchive), 'docker-25'), layoutArchive);
  return { name, reference, folderArchive, layoutArchive };
}
