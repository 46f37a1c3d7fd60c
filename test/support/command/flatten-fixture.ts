import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { dockerArchive } from '../images/docker-archive.ts';
import { layer } from '../images/layer.ts';
import { killRemaining } from './dimgx.ts';

/** What `dimgx flatten` is given: images by their references, and room for its target. */
export interface FlattenFixture {
  /** Flattened to `d/` and `d/b`, at once. */
  readonly small: string;
  /** The file that `small` names. */
  readonly smallArchive: string;
  /** Takes its time: 50 MB of random hex digits. */
  readonly large: string;
  /** Empty when a test begins. */
  readonly folder: string;
}

/** One for all tests of a file. To be read in hooks and tests alone. */
export function flattenFixture(): FlattenFixture {
  const fixture = {} as { -readonly [Name in keyof FlattenFixture]: FlattenFixture[Name] };
  let images: string;

  beforeAll(async () => {
    images = await mkdtemp(join(tmpdir(), 'dimgx-cli-images-'));
    fixture.smallArchive = join(images, 'small.tar');
    fixture.small = `docker-archive:${fixture.smallArchive}`;
    fixture.large = `docker-archive:${join(images, 'large.tar')}`;
    await writeFile(fixture.smallArchive, smallImage());
    await writeFile(join(images, 'large.tar'), largeImage());
  });
  afterAll(() => rm(images, { recursive: true, force: true }));

  beforeEach(async () => {
    fixture.folder = await mkdtemp(join(tmpdir(), 'dimgx-cli-'));
  });
  afterEach(async () => {
    killRemaining();
    await rm(fixture.folder, { recursive: true, force: true });
  });

  return fixture;
}

function smallImage(): Buffer {
  const layers = [layer().directory('d').file('d/a', 'one'), layer().whiteout('d/a').file('d/b', 'two')];
  return dockerArchive({ layers, tags: ['small:1'] }, 'docker-25');
}

function largeImage(): Buffer {
  const content = Buffer.from(randomBytes(24 * 1024 * 1024).toString('hex'));
  return dockerArchive({ layers: [layer().file('f', content)] }, 'docker-1.10');
}
