import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dimgx, fault, type Outcome } from '../support/command/dimgx.ts';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';

const folders = watchForLeaks();

needs('redis')('dimgx batch', () => {
  let service: Service;
  let images: string[];

  beforeAll(async () => {
    service = await startService({ folder: folders.own });
    const names = ['one', 'two', 'three'];
    images = names.map((name) => `docker-archive:${join(service.images, `${name}.tar`)}`);
    for (const name of names) {
      const files = dockerArchiveFiles(
        { layers: [layer().file('a', name)], tags: [`${name}:1`] },
        'docker-25',
      );
      await writeArchive(files, join(service.images, `${name}.tar`));
    }
  });
  afterAll(() => service?.close());

  const client = (...args: string[]): Promise<Outcome> =>
    dimgx(args, { cwd: folders.own, env: { DIMGX_URL: service.api.url } });

  async function fileOf(lines: readonly string[]): Promise<string> {
    const file = join(folders.own, 'images.txt');
    await writeFile(file, lines.join('\n'));
    return file;
  }

  const told = ({ stdout }: Outcome): string => stdout.toString();

  test('many images are done, the same one once, and the artifacts are listed', async () => {
    const file = await fileOf([...images, images[0] ?? '']);
    const outcome = await client('batch', file, '--wait', '--label', 'by=test');
    expect(outcome).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^batch \S{36} submitted: 3 jobs\n$/),
    });
    expect(told(outcome)).toMatch(/^\S{36} finished: 3 completed\n$/);
    const [id = ''] = told(outcome).split(' ');
    const batch = JSON.parse(told(await client('batches', 'status', id, '--json')));
    expect(batch).toMatchObject({ id, state: 'finished', total: 3, duplicates: 1, counts: { completed: 3 } });
    const [titles, ...lines] = told(await client('batches', 'artifacts', id))
      .trimEnd()
      .split('\n');
    expect(titles).toMatch(/^JOB +KEY +IMAGE$/);
    const rows = lines.map((line) => line.split(/ +/));
    expect(rows.map(([, , image]) => image).sort()).toEqual([...images].sort());
    const listed = await client('list', '--batch', id, '--state', 'completed', '-q');
    expect(told(listed).trim().split('\n')).toEqual(rows.map(([job]) => job));
    const inFull = told(await client('batches', 'artifacts', id, '--json'))
      .trimEnd()
      .split('\n');
    expect(inFull.map((line) => JSON.parse(line).artifact.key)).toEqual(rows.map(([, key]) => key));
    expect(told(await client('batches', 'list'))).toMatch(
      new RegExp(`^ID .*\n${id}  finished  .*  3     3 `),
    );
  });

  test('with --wait it fails as the first job that failed, which retry has done again', async () => {
    const missing = `docker-archive:${service.images}/missing.tar`;
    const outcome = await client('batch', await fileOf([...images, missing]), '--wait');
    expect(outcome.code).toBe(2);
    expect(told(outcome)).toMatch(/^\S{36} finished: 3 completed, 1 failed\n$/);
    expect(fault(outcome)).toMatch(
      /^dimgx: ARCHIVE_NOT_FOUND: job \S+ \(docker-archive:.*missing\.tar\) failed: /,
    );
    const [id = ''] = told(outcome).split(' ');
    const again = await client('batches', 'retry', id, '--json');
    expect(JSON.parse(told(again))).toMatchObject({ retryOf: id, total: 1 });
    expect(again.stderr).toBe('');
  });

  test('with --wait it tells on stderr that jobs are tried again, and why', async () => {
    await writeFile(join(service.storeFolder, 'taken'), '');
    const jobs = images.map((image, at) =>
      JSON.stringify({ image, destination: { key: `taken/${at}.tar.zst` } }),
    );
    const outcome = await client('batch', await fileOf(jobs), '--wait', '--json');
    const { id, ...ended } = JSON.parse(told(outcome));
    expect(ended).toMatchObject({ counts: { failed: 3 }, retries: { STORE_FAILED: 6 } });
    const [submitted, ...lines] = outcome.stderr.trimEnd().split('\n');
    expect(submitted).toBe(`batch ${id} submitted: 3 jobs`);
    const tries = lines.filter((line) => line.includes('tried again'));
    expect(tries.at(-1)).toBe(`batch ${id}: jobs were tried again 6 times: STORE_FAILED`);
  });

  test('cancelled, its jobs are not begun', async () => {
    const made = await client('batch', await fileOf(images), '--pool', 'nobody');
    expect(made.stderr).toBe(
      'dimgx: warning: no worker is there for pool nobody: its jobs wait until one comes\n',
    );
    const id = told(made).trim();
    expect(told(await client('batches', 'cancel', id))).toMatch(new RegExp(`^${id} cancelled: `));
    await expect
      .poll(async () => told(await client('batches', 'status', id)), { timeout: 30_000 })
      .toBe(`${id} cancelled: 3 cancelled\n`);
  }, 60_000);

  test('what is wrong is told by its line', async () => {
    const outcome = await client('batch', await fileOf(['# ours', 'app:1', '', 'UPPER']));
    expect(fault(outcome)).toMatch(/^dimgx: REFERENCE_INVALID: line 4: /);
    expect(outcome.code).toBe(1);
    const before = told(await client('list', '-q'));
    const all = await client('batch', await fileOf(['UPPER', 'app:1', '{"image"', '{"image": "A:B"}']));
    expect(fault(all)).toMatch(
      /^dimgx: REQUEST_INVALID: line 1: .*; line 3: is no valid JSON: .*; line 4: .*"A:B"/,
    );
    expect(all.code).toBe(1);
    const none = await client('batch', await fileOf(['docker://x']));
    expect(fault(none)).toMatch(/^dimgx: REQUEST_INVALID: line 1: /);
    expect(none.code).toBe(1);
    expect(told(await client('list', '-q'))).toBe(before);
  });
});
