import { chmod, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fault, killRemaining, type RunningCommand, startDimgx } from '../support/command/dimgx.ts';
import { allGone, childrenOf } from '../support/command/processes.ts';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';

const folders = watchForLeaks();
const patient = { timeout: 120_000, interval: 20 };
const long = { timeout: 180_000 };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(folders.own, 'demo-'));
  await chmod(folder, 0o777);
  await chmod(folders.temporary, 0o1777);
});

afterEach(killRemaining);

function demo(args: readonly string[] = [], options: Parameters<typeof startDimgx>[1] = {}): RunningCommand {
  return startDimgx(['demo', ...args], { cwd: folder, ...options });
}

needs('redis')('dimgx demo', () => {
  test('brings an image of its own all the way, and keeps the artifact alone', long, async () => {
    const { code, stdout, stderr } = await demo().outcome;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    for (const step of ['assemble', 'start', 'submit', 'flatten', 'download', 'verify', 'stop']) {
      expect(stderr).toMatch(new RegExp(`^${step} .*\\([\\d.]+ m?s\\)$`, 'm'));
    }
    const kept = join(folder, 'data/demo');
    const report = JSON.parse(await readFile(join(kept, 'dimgx-demo.tar.zst.json'), 'utf8'));
    const bytes = await readFile(join(kept, 'dimgx-demo.tar.zst'));
    expect(report.artifact.size).toBe(bytes.length);
    expect(report.entries).toMatchObject({ hardlinks: 1, devices: 0 });
    expect(report.entries.removed).toBeGreaterThan(1000);
    const summary = stdout.toString();
    expect(summary).toContain(report.artifact.sha256);
    expect(summary).toMatch(/^verified +size, digests and the tree of [\d,]+ names$/m);
    expect(summary).toMatch(/^tar -t +etc\/$/m);
    expect(await readdir(folder)).toEqual(['data']);
    expect(await readdir(join(folder, 'data'))).toEqual(['demo']);
    expect(await readdir(folders.temporary)).toEqual([]);
  });

  test('takes the image that it is given', async () => {
    const layers = [layer().file('a', 'one'), layer().file('b', 'two')];
    await writeArchive(
      dockerArchiveFiles({ layers, tags: ['app:1'] }, 'docker-1.10'),
      join(folder, 'app.tar'),
    );
    const { code, stdout, stderr } = await demo(['docker-archive:app.tar', '--data', 'kept']).outcome;
    expect(code, stderr).toBe(0);
    expect(stdout.toString()).toMatch(/^image +app:1 \(linux\/amd64, 2 layers\)$/m);
    expect(stdout.toString()).toMatch(/^verified +size and digests, 2 names$/m);
    expect((await readdir(join(folder, 'kept/demo'))).sort()).toEqual([
      'docker-archive_app.tar.tar.zst',
      'docker-archive_app.tar.tar.zst.json',
    ]);
  });

  test('tells the fault of an image that can not be had', async () => {
    const outcome = await demo(['docker-archive:no.tar']).outcome;
    expect(fault(outcome)).toMatch(/^dimgx: ARCHIVE_NOT_FOUND: job .* failed: /);
    expect(outcome.code).toBe(2);
    expect(await readdir(folders.temporary)).toEqual([]);
  });

  test('looks first whether the artifact can be kept', async () => {
    const outcome = await demo(['--data', '/proc/dimgx']).outcome;
    expect(fault(outcome)).toMatch(/^dimgx: TARGET_UNWRITABLE: can't write \/proc\/dimgx\/demo .*ENOENT/);
    expect(outcome.stderr).not.toContain('assemble');
  });

  test.each([
    [
      'while it assembles its image',
      async () => expect.poll(() => readdir(folders.temporary), patient).toHaveLength(1),
    ],
    [
      'while the service starts',
      (run: RunningCommand) => expect.poll(run.printed, patient).toMatch(/^redis +ready/m),
    ],
    ['while the job runs', (run: RunningCommand) => expect.poll(run.printed, patient).toMatch(/^submit /m)],
  ])('leaves nothing when it is stopped %s', long, async (_when, moment) => {
    const run = demo();
    await moment(run);
    const parts = childrenOf(run.child.pid);
    run.child.kill('SIGINT');
    const { code, stderr } = await run.outcome;
    expect(stderr).toMatch(/dimgx: INTERRUPTED: stopped by SIGINT\n$/);
    expect(code).toBe(130);
    await allGone(parts);
    expect(await readdir(folders.temporary)).toEqual([]);
  });

  test.runIf(process.getuid?.() === 0)('needs no root', long, async () => {
    const { code, stdout, stderr } = await demo([], { uid: 65_534, gid: 65_534 }).outcome;
    expect(code, stderr).toBe(0);
    expect(stdout.toString()).toContain('verified');
  });
});
