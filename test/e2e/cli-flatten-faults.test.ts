import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dimgx, fault, startDimgx } from '../support/command/dimgx.ts';
import { flattenFixture } from '../support/command/flatten-fixture.ts';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';

const given = flattenFixture();

describe('a run that fails leaves nothing', () => {
  const tookTooLong = 'dimgx: TIMED_OUT: not done within 1 second; --timeout or DIMGX_TIMEOUT gives more';

  test.each([
    ['a target that exists', ['-t', 'old.tar'], 2, /^dimgx: TARGET_EXISTS: old\.tar exists already/],
    [
      'a folder that is missing',
      ['-t', 'no/x.tar'],
      2,
      /^dimgx: TARGET_FOLDER_MISSING: there is no folder no/,
    ],
    [
      'a file where a folder should be',
      ['-t', 'old.tar/x.tar'],
      2,
      /^dimgx: TARGET_FOLDER_MISSING: this is no folder: old\.tar/,
    ],
    ['a folder as the target', ['-t', '.'], 2, /^dimgx: TARGET_UNWRITABLE: \. is a folder/],
    ['a disk that is full', ['-t', '/dev/full'], 2, /^dimgx: NO_SPACE: no space left for \/dev\/full: /],
    [
      'a spec that names nothing, under -s',
      ['-t', 'x.tar', '-s', '-l', '@9'],
      3,
      /^dimgx: LAYER_NOT_FOUND: /,
    ],
    ['a spec that is none', ['-t', 'x.tar', '-l', '@x'], 1, /^dimgx: USAGE: "@x" is no layer/],
    [
      'an option that is none',
      ['-t', 'x.tar', '--forc'],
      1,
      /unknown option '--forc' \(Did you mean --force\?\)$/,
    ],
    ['a target without a name', ['-t', ''], 1, /^dimgx: USAGE: the target has no name/],
    ['no target', [], 1, /^dimgx: USAGE: required option '-t, --target <path>' not specified$/],
    [
      'two compressions',
      ['-t', 'x.tar', '-z', '--zstd'],
      1,
      /^dimgx: USAGE: option '-z, --gzip' cannot be used with/,
    ],
    [
      'a level of nothing',
      ['-t', 'x.tar', '--compress-level', '3'],
      1,
      /^dimgx: USAGE: --compress-level 3: /,
    ],
    [
      'a level too high',
      ['-t', 'x.tgz', '-z', '--compress-level', '10'],
      1,
      /the levels of gzip are 1 to 9$/,
    ],
    [
      'a level that is no number',
      ['-t', 'x.tgz', '-z', '--compress-level', 'x'],
      1,
      /^dimgx: USAGE: .*whole number/,
    ],
    ['a platform that is none', ['-t', 'x.tar', '--platform', 'linux'], 1, /^dimgx: USAGE: --platform takes/],
    [
      'a limit that there is not',
      ['-t', 'x.tar', '--limits', 'entires=5'],
      1,
      /^dimgx: CONFIG_INVALID: DIMGX_LIMITS or --limits must be .*did you mean entries\?/,
    ],
    [
      'a limit that the image goes past',
      ['-t', 'x.tar', '--limits', 'entries=2'],
      2,
      /^dimgx: LIMIT_EXCEEDED: layer 1 of docker-archive:.*: the limit entries is 2; --limits or DIMGX_LIMITS/,
    ],
    [
      'a platform that it has not',
      ['-t', 'x.tar', '--platform', 'linux/s390x'],
      2,
      /^dimgx: PLATFORM_NOT_FOUND: /,
    ],
  ])('%s', async (_what, args, exitCode, line) => {
    await writeFile(join(given.folder, 'old.tar'), 'old');
    const outcome = await dimgx(['flatten', given.small, ...args], { cwd: given.folder });
    expect(fault(outcome)).toMatch(line);
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(outcome.code).toBe(exitCode);
    expect(outcome.stdout.toString()).toBe('');
    expect(await readdir(given.folder)).toEqual(['old.tar']);
    expect(await readFile(join(given.folder, 'old.tar'), 'utf8')).toBe('old');
  });

  test.each([
    ['that is not there', 'docker-archive:no.tar', 'ARCHIVE_NOT_FOUND', 2],
    ['that is no image', 'docker-archive:text', 'ARCHIVE_INVALID', 2],
    ['that is cut off', 'docker-archive:cut.tar', 'ARCHIVE_TRUNCATED', 2],
    ['whose layer is another', 'docker-archive:damaged.tar', 'DIGEST_MISMATCH', 2],
    ['of a name that can not be', 'docker-daemon:UPPER', 'REFERENCE_INVALID', 1],
    ['of an engine that is not there', 'docker-daemon:x', 'DOCKER_UNREACHABLE', 2],
  ])('an image %s', async (_what, image, errorCode, exitCode) => {
    const archive = dockerArchive({ layers: [layer().file('f', 'content')] }, 'docker-1.10');
    await mkdir(join(given.folder, 'out'));
    await writeFile(join(given.folder, 'text'), 'this is no image');
    await writeFile(join(given.folder, 'cut.tar'), archive.subarray(0, 1500));
    const damaged = Buffer.from(archive);
    damaged.write('CONTENT', damaged.indexOf('content'));
    await writeFile(join(given.folder, 'damaged.tar'), damaged);
    const env = { DOCKER_HOST: `unix://${given.folder}/no.sock` };
    const outcome = await dimgx(['flatten', image, '-t', 'out/x.tar'], { cwd: given.folder, env });
    expect(fault(outcome)).toMatch(new RegExp(`^dimgx: ${errorCode}: `));
    expect(outcome.code).toBe(exitCode);
    expect(await readdir(join(given.folder, 'out'))).toEqual([]);
  });

  test('a run that takes too long, while the image comes in', async () => {
    const args = ['flatten', '-', '-t', join(given.folder, 'x.tar'), '--timeout', '1'];
    const run = startDimgx(args, { stdio: 'pipe' });
    run.child.stdin?.write((await readFile(given.smallArchive)).subarray(0, 2000));
    const outcome = await run.outcome;
    expect({ fault: fault(outcome), code: outcome.code }).toEqual({ fault: tookTooLong, code: 2 });
    expect(await readdir(given.folder)).toEqual([]);
  });

  test('a run that takes too long, since a reader stalls', async () => {
    const run = startDimgx(['flatten', given.large, '-t', '-', '--timeout', '1']);
    run.child.stdout?.pause();
    expect(await once(run.child, 'exit')).toEqual([2, null]);
    run.child.stdout?.resume();
    expect(fault(await run.outcome)).toBe(tookTooLong);
  });

  test('settings that are wrong are told together', async () => {
    const env = { DOCKER_HOST: 'nonsense', DIMGX_TEMP: '/tmp' };
    const outcome = await dimgx(['flatten', given.small, '-t', join(given.folder, 'x.tar')], { env });
    expect(fault(outcome)).toMatch(/^dimgx: CONFIG_INVALID: DOCKER_HOST must be .*, not "nonsense"$/);
    expect(outcome.code).toBe(1);
  });

  test('--verbose adds where it came from', async () => {
    const { stderr } = await dimgx(['flatten', 'docker-archive:no.tar', '-t', '-', '--verbose'], {
      cwd: given.folder,
    });
    expect(stderr).toMatch(/^dimgx: ARCHIVE_NOT_FOUND: .*\nDimgxError: .*\n {4}at /);
  });

  test.runIf(process.getuid?.() === 0)('a disk that fills up half way', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', given.folder]);
    try {
      const outcome = await dimgx(['flatten', given.large, '-t', join(given.folder, 'x.tar')]);
      const path = join(given.folder, 'x.tar');
      expect(fault(outcome)).toContain(`dimgx: NO_SPACE: no space left for ${path}: free some, or choose`);
      expect(outcome.code).toBe(2);
      expect(await readdir(given.folder)).toEqual([]);
    } finally {
      execFileSync('umount', [given.folder]);
    }
  });
});
