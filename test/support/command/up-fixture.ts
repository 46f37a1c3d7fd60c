import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { dockerArchive } from '../images/docker-archive.ts';
import { layer } from '../images/layer.ts';
import { watchForLeaks } from '../leak-check.ts';
import { freePort } from '../parts/free-port.ts';
import { unmountBelow } from '../parts/mounts.ts';
import { ServiceClient } from '../service/service-client.ts';
import { killRemaining, type RunningCommand, startDimgx } from './dimgx.ts';

type Options = Parameters<typeof startDimgx>[1];

/** Where `dimgx up` runs, and who asks it. New for each test, which may change it before a run. */
export interface UpFixture {
  /** Is made by the run. */
  data: string;
  /** What the service may read images from. */
  readonly images: string;
  port: number;
  up(args?: readonly string[], options?: Options): RunningCommand;
  /** Resolves when it serves. */
  started(args?: readonly string[], options?: Options): Promise<RunningCommand>;
  client(): ServiceClient;
  /** An image that the service may read; the more megabytes, the longer it takes. */
  image(name: string, megabytes?: number): Promise<string>;
}

const patient = { timeout: 60_000, interval: 20 };

/** One for all tests of a file. To be read in hooks and tests alone. */
export function upFixture(): UpFixture {
  const folders = watchForLeaks();
  let images: string;

  const fixture: UpFixture = {
    data: '',
    get images() {
      return images;
    },
    port: 0,
    up(args = [], options = {}) {
      const env = { DIMGX_FILE_SOURCES: images, ...options.env };
      const place = ['--port', String(fixture.port), '--data', fixture.data];
      return startDimgx(['up', ...place, ...args], { ...options, env });
    },
    async started(args, options) {
      const run = fixture.up(args, options);
      await printed(run, 'dimgx serves at');
      return run;
    },
    client: () => new ServiceClient(`http://127.0.0.1:${fixture.port}`),
    image: (name, megabytes = 0) => writeImage(join(images, `${name}.tar`), name, megabytes),
  };

  beforeEach(async () => {
    const folder = await mkdtemp(join(folders.own, 'up-'));
    fixture.data = join(folder, 'data');
    images = join(folder, 'images');
    // Also for those tests that run it as somebody else.
    await chmod(folder, 0o755);
    await chmod(folders.temporary, 0o1777);
    await mkdir(images);
    fixture.port = await freePort();
  });
  afterEach(async () => {
    killRemaining();
    await unmountBelow(folders.own);
  });

  return fixture;
}

/** Rejects if the run ends before it has printed this. */
export async function printed(run: RunningCommand, text: string | RegExp): Promise<void> {
  const ended = run.outcome.then(({ code, stderr }) =>
    Promise.reject(new Error(`ended with ${code}: ${stderr}`)),
  );
  ended.catch(() => {});
  await Promise.race([expect.poll(run.printed, patient).toMatch(text), ended]);
}

async function writeImage(path: string, name: string, megabytes: number): Promise<string> {
  const sentence = 'All work and no play makes Jack a dull boy. 0123456789abcdef';
  const layers = [layer().file('f', Buffer.alloc(megabytes * 1024 * 1024, sentence))];
  await writeFile(path, dockerArchive({ layers, tags: [`${name}:1`] }, 'docker-25'));
  return `docker-archive:${path}`;
}
