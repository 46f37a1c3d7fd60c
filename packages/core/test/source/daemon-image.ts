import { readdir } from 'node:fs/promises';
import { expect } from 'vitest';
import { dockerArchive } from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { testImage } from '../../../../test/support/images/test-image.ts';
import { type Answer, history, inspection, type ScriptedEngine } from './scripted-engine.ts';
import { openFilesBelow, type TestFolder } from './test-sources.ts';

/** Named app:1, with a history. */
export const image = testImage({
  layers: [
    { tar: layer().file('a', 'x'.repeat(200_000)), createdBy: 'ADD a' },
    { tar: layer().file('b'), createdBy: 'RUN b' },
  ],
  tags: ['app:1'],
  config: { Env: ['A=b'] },
});
export const id = image.configDigest;
/** What the engine saves of it: by its id, and so without a tag. */
export const saved = dockerArchive({ ...image, tags: [] }, 'docker-1.10');

export const another = testImage({ layers: [layer().file('other')] });

/** What an engine answers that has the image. */
export const known = {
  'GET /images/app:1/json': inspection(image),
  [`GET /images/${id}/history`]: history(image),
  'GET /images/get': { body: saved },
} satisfies Record<string, Answer>;

/** No connection, no file. */
export async function nothingIsLeft(folder: TestFolder, engine: ScriptedEngine): Promise<void> {
  await expect.poll(() => engine.connections.size).toBe(0);
  expect(openFilesBelow(folder).filter((path) => !path.endsWith('docker.sock'))).toEqual([]);
  expect(await readdir(folder.spoolFolder)).toEqual([]);
}
