import { execFile } from 'node:child_process';
import { mkdtemp, readdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { openImage } from '@dimgx/core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { needs } from '../support/parts/needs.ts';

const run = promisify(execFile);
const MIB = 2 ** 20;

needs('mount')('a spool folder on a small disk', () => {
  let disk: string;
  let archive: string;

  beforeAll(async () => {
    disk = await mkdtemp(join(inject('runFolder'), 'small-disk-'));
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'dimgx-test', disk]);
    archive = join(await mkdtemp(join(inject('runFolder'), 'archive-')), 'image.tar.gz');
    const image = { layers: [layer().file('large', Buffer.alloc(16 * MIB, 'x'))], tags: ['app:1'] };
    await writeFile(archive, gzipSync(dockerArchive(image, 'docker-1.10')));
  });
  afterAll(() => run('umount', ['--lazy', disk]));

  const filesLeft = async () => {
    const { blocks, bfree } = await statfs(disk);
    return { names: await readdir(disk), blocks: blocks - bfree };
  };

  test('an archive that does not fit is an error, and all that was written is gone', async () => {
    const before = await filesLeft();
    await expect(openImage(`docker-archive:${archive}`, { spoolFolder: disk })).rejects.toMatchObject({
      code: 'NO_SPACE',
      message: expect.stringContaining(disk),
    });
    expect(await filesLeft()).toEqual(before);
  });
});
