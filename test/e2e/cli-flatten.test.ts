import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  constants,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { commandLine, dimgx, fault, killRemaining, startDimgx } from '../support/command/dimgx.ts';
import { onTerminal } from '../support/command/terminal.ts';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';

const startOfLine = '\r\u001b[K';
/** Machines may be busy; what is waited for is a condition. */
const patient = { timeout: 60_000, interval: 10 };

let images: string;
/** A small image, and one that takes its time. */
let small: string;
let large: string;
let folder: string;

beforeAll(async () => {
  images = await mkdtemp(join(tmpdir(), 'dimgx-cli-images-'));
  small = `docker-archive:${join(images, 'small.tar')}`;
  large = `docker-archive:${join(images, 'large.tar')}`;
  const layers = [layer().directory('d').file('d/a', 'one'), layer().whiteout('d/a').file('d/b', 'two')];
  await writeFile(join(images, 'small.tar'), dockerArchive({ layers, tags: ['small:1'] }, 'docker-25'));
  const content = Buffer.from(randomBytes(24 * 1024 * 1024).toString('hex'));
  await writeFile(
    join(images, 'large.tar'),
    dockerArchive({ layers: [layer().file('f', content)] }, 'docker-1.10'),
  );
});

afterAll(async () => {
  await rm(images, { recursive: true, force: true });
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dimgx-cli-'));
});

afterEach(async () => {
  killRemaining();
  await rm(folder, { recursive: true, force: true });
});

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function namesIn(tar: Buffer): string[] {
  return execFileSync('tar', ['-t'], { input: tar, encoding: 'utf8' }).trimEnd().split('\n');
}

describe('a file', () => {
  test('gets the flattened tar, and stdout the summary', async () => {
    const target = join(folder, 'x.tar');
    const { code, stdout, stderr } = await dimgx(['flatten', small, '-t', target]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const tar = await readFile(target);
    expect(namesIn(tar)).toEqual(['d/', 'd/b']);
    expect(stdout.toString()).toContain(`is ${target}: `);
    expect(stdout.toString()).toContain(sha256(tar));
    expect(await readdir(folder)).toEqual(['x.tar']);
  });

  test.each([
    ['-C', '.tar', (bytes: Buffer) => bytes],
    ['-z', '.tar.gz', gunzipSync],
    ['--zstd', '.tar.zst', zstdDecompressSync],
  ])('is compressed as %s says, and reported as it is', async (option, suffix, unpacked) => {
    const target = join(folder, `x${suffix}`);
    const { code, stdout, stderr } = await dimgx(['flatten', small, '-t', target, option, '--json']);
    expect(code, stderr).toBe(0);
    const bytes = await readFile(target);
    expect(JSON.parse(stdout.toString())).toMatchObject({
      image: { repoTags: ['small:1'] },
      artifact: {
        key: target,
        size: bytes.length,
        sha256: sha256(bytes),
        diffId: sha256(unpacked(bytes)),
      },
      entries: { files: 1, directories: 1, removed: 1 },
      cached: false,
    });
  });

  test('whose name promises another compression is warned of', async () => {
    const { code, stderr } = await dimgx(['flatten', small, '-t', join(folder, 'x.tar.gz')]);
    expect(code, stderr).toBe(0);
    expect(stderr).toBe(
      'dimgx: warning: the tar is not compressed, its name x.tar.gz says otherwise; .tar would fit\n',
    );
  });

  test('has what is chosen of layers and paths', async () => {
    const target = join(folder, 'x.tar');
    const args = ['-l', '@0', '--keep-whiteouts', '--exclude', 'd/b'];
    expect(await dimgx(['flatten', small, '-t', target, ...args])).toMatchObject({ code: 0 });
    const names = namesIn(await readFile(target));
    expect(names).toContain('d/.wh.a');
    expect(names).not.toContain('d/b');
  });

  test('in the same folder that a killed run left is removed after a day', async () => {
    const [young, old] = ['.dimgx-1-0123456789ab.partial', '.dimgx-2-0123456789ab.partial'];
    for (const name of [young, old]) await writeFile(join(folder, name), 'left');
    await utimes(join(folder, old), 0, 0);
    await dimgx(['flatten', small, '-t', join(folder, 'x.tar')]);
    expect((await readdir(folder)).sort()).toEqual([young, 'x.tar']);
  });
});

describe('a choice that is seldom meant is warned of', () => {
  test.each([
    ['an order turned round', ['-l', '@0:@1'], /^dimgx: warning: older layers override newer ones/m],
    [
      'patterns that match nothing',
      ['--include', 'nowhere'],
      /^dimgx: warning: nothing is left by --include/m,
    ],
    ['no layer at all', ['-l', '@9'], /^dimgx: warning: no layer was chosen/m],
  ])('%s', async (_what, options, warning) => {
    const { code, stderr } = await dimgx(['flatten', small, '-t', join(folder, 'x.tar'), ...options]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(warning);
  });

  test('the image itself is refused as the target, also by another name', async () => {
    const own = join(images, 'small.tar');
    const before = await readFile(own);
    const link = join(folder, 'link.tar');
    await symlink(own, link);
    const outcome = await dimgx(['flatten', small, '-t', link, '--force']);
    expect(fault(outcome)).toBe(`dimgx: USAGE: ${link} is the image itself: choose another target`);
    expect(outcome.code).toBe(1);
    expect(await readFile(own)).toEqual(before);
  });

  test('an empty pattern is refused', async () => {
    const outcome = await dimgx(['flatten', small, '-t', join(folder, 'x.tar'), '--include', '']);
    expect(fault(outcome)).toMatch(/^dimgx: USAGE: .*--include.* It is empty/);
    expect(outcome.code).toBe(1);
  });
});

describe('stdout', () => {
  test('gets nothing but the tar, and stderr the summary', async () => {
    const { code, stdout, stderr } = await dimgx(['flatten', small, '-t', '-']);
    expect(code, stderr).toBe(0);
    expect(namesIn(stdout)).toEqual(['d/', 'd/b']);
    expect(stderr).toContain(sha256(stdout));
  });

  test.each(['-', '/dev/stdout'])('by the name of %s has its report on stderr', async (target) => {
    const { stdout, stderr } = await dimgx(['flatten', small, '-t', target, '--json', '--zstd']);
    expect(JSON.parse(stderr)).toMatchObject({ artifact: { key: '-', sha256: sha256(stdout) } });
  });

  test('may be a file', async () => {
    const target = join(folder, 'x.tar');
    execFileSync('touch', [target]);
    const run = spawn('sh', ['-c', '"$@" >"$0"', target, ...commandLine(['flatten', small, '-t', '-'])], {
      stdio: 'ignore',
    });
    expect(await once(run, 'exit')).toEqual([0, null]);
    expect(namesIn(await readFile(target))).toEqual(['d/', 'd/b']);
  });

  test('must not be a terminal', async () => {
    const { code, output } = await onTerminal(['flatten', small, '-t', '-']);
    expect(code).toBe(1);
    expect(output).toBe('dimgx: USAGE: stdout is a terminal; redirect it, or name a file with -t PATH\r\n');
  });

  test('whose reader goes away ends the run without a word', async () => {
    const run = startDimgx(['flatten', large, '-t', '-']);
    run.child.stdout?.once('data', () => run.child.stdout?.destroy());
    const { code, stderr } = await run.outcome;
    expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
  });

  // What Node gives a child as its stdout is a socket; a shell's is a pipe.
  test("may be a shell's pipe", async () => {
    const piped = commandLine(['flatten', small, '-t', '-', '--json']);
    const script = '"$@" 2>"$0" | tar -t';
    const names = execFileSync('bash', ['-c', script, join(folder, 'report'), ...piped], {
      encoding: 'utf8',
    });
    expect(names).toBe('d/\nd/b\n');
  });

  test("that is a shell's pipe whose reader goes away ends the run without a word", async () => {
    const script = 'set -o pipefail; "$@" | head -c 1 >/dev/null';
    const run = spawn('bash', ['-c', script, 'bash', ...commandLine(['flatten', large, '-t', '-'])], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [stderr, [code]] = await Promise.all([text(run.stderr), once(run, 'exit')]);
    expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
  });
});

describe('an archive on stdin', () => {
  const fromShell = async (script: string, env: NodeJS.ProcessEnv): Promise<unknown> => {
    const file = join(images, 'small.tar');
    const args = ['-c', script, file, ...commandLine(['flatten', '-', '-t', join(folder, 'x.tar')])];
    const run = spawn('sh', args, {
      stdio: ['inherit', 'ignore', 'inherit'],
      env: { ...process.env, ...env },
    });
    return once(run, 'exit');
  };

  test('that is a file is read where it lies', async () => {
    // Nothing could be copied there.
    const env = { DIMGX_TMP: join(folder, 'none') };
    expect(await fromShell('"$@" <"$0"', env)).toEqual([0, null]);
    expect(namesIn(await readFile(join(folder, 'x.tar')))).toEqual(['d/', 'd/b']);
  });

  test.each([
    ['comes through a pipe', 'cat "$0" | "$@"'],
    ['is the rest of a file', '{ echo ab; cat "$0"; } >"$0.rest"; { read -r ab; "$@"; } <"$0.rest"'],
    ['comes compressed', 'gzip -c "$0" | "$@"'],
    ['is a compressed file', 'xz -c "$0" >"$0.xz"; "$@" <"$0.xz"'],
  ])('that %s is read too', async (_what, script) => {
    expect(await fromShell(script, { DIMGX_TMP: folder })).toEqual([0, null]);
    expect(namesIn(await readFile(join(folder, 'x.tar')))).toEqual(['d/', 'd/b']);
    expect(await readdir(folder)).toEqual(['x.tar']);
  });

  test('must not be a terminal', async () => {
    const { code, output } = await onTerminal(['flatten', '-', '-t', join(folder, 'x.tar')]);
    expect(code).toBe(1);
    expect(output).toContain('dimgx: USAGE: stdin is a terminal: pipe an archive in, or name its file');
  });
});

describe('progress', () => {
  test('is drawn on a terminal, and taken away', async () => {
    const { code, output } = await onTerminal(['flatten', large, '-t', join(folder, 'x.tar.gz'), '-z']);
    expect(code, output).toBe(0);
    const drawn = output.split(startOfLine).slice(1);
    expect(drawn.length).toBeGreaterThan(2);
    expect(drawn.at(-2)).toMatch(/^\[#+-*] {2}flatten .* of 50\.3 MB {2}\d+ %/);
    // The line of the bar is empty again when the summary comes.
    expect(drawn.at(-1)).toMatch(/^docker-archive:.* is .*x\.tar\.gz: /);
  });

  test('is a line now and then where that is asked for', async () => {
    const { stderr } = await dimgx(['flatten', large, '-t', '/dev/null', '--progress', 'plain']);
    expect(stderr).toMatch(/^flatten {2}.*of 50\.3 MB/m);
    expect(stderr).not.toContain('\u001b');
  });
});

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
    await writeFile(join(folder, 'old.tar'), 'old');
    const outcome = await dimgx(['flatten', small, ...args], { cwd: folder });
    expect(fault(outcome)).toMatch(line);
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(outcome.code).toBe(exitCode);
    expect(outcome.stdout.toString()).toBe('');
    expect(await readdir(folder)).toEqual(['old.tar']);
    expect(await readFile(join(folder, 'old.tar'), 'utf8')).toBe('old');
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
    await mkdir(join(folder, 'out'));
    await writeFile(join(folder, 'text'), 'this is no image');
    await writeFile(join(folder, 'cut.tar'), archive.subarray(0, 1500));
    const damaged = Buffer.from(archive);
    damaged.write('CONTENT', damaged.indexOf('content'));
    await writeFile(join(folder, 'damaged.tar'), damaged);
    const env = { DOCKER_HOST: `unix://${folder}/no.sock` };
    const outcome = await dimgx(['flatten', image, '-t', 'out/x.tar'], { cwd: folder, env });
    expect(fault(outcome)).toMatch(new RegExp(`^dimgx: ${errorCode}: `));
    expect(outcome.code).toBe(exitCode);
    expect(await readdir(join(folder, 'out'))).toEqual([]);
  });

  test('a run that takes too long, while the image comes in', async () => {
    const args = ['flatten', '-', '-t', join(folder, 'x.tar'), '--timeout', '1'];
    const run = startDimgx(args, { stdio: 'pipe' });
    run.child.stdin?.write((await readFile(join(images, 'small.tar'))).subarray(0, 2000));
    const outcome = await run.outcome;
    expect({ fault: fault(outcome), code: outcome.code }).toEqual({ fault: tookTooLong, code: 2 });
    expect(await readdir(folder)).toEqual([]);
  });

  test('a run that takes too long, since a reader stalls', async () => {
    const run = startDimgx(['flatten', large, '-t', '-', '--timeout', '1']);
    run.child.stdout?.pause();
    expect(await once(run.child, 'exit')).toEqual([2, null]);
    run.child.stdout?.resume();
    expect(fault(await run.outcome)).toBe(tookTooLong);
  });

  test('settings that are wrong are told together', async () => {
    const env = { DOCKER_HOST: 'nonsense', DIMGX_TEMP: '/tmp' };
    const outcome = await dimgx(['flatten', small, '-t', join(folder, 'x.tar')], { env });
    expect(fault(outcome)).toMatch(/^dimgx: CONFIG_INVALID: DOCKER_HOST must be .*, not "nonsense"$/);
    expect(outcome.code).toBe(1);
  });

  test('--verbose adds where it came from', async () => {
    const { stderr } = await dimgx(['flatten', 'docker-archive:no.tar', '-t', '-', '--verbose'], {
      cwd: folder,
    });
    expect(stderr).toMatch(/^dimgx: ARCHIVE_NOT_FOUND: .*\nDimgxError: .*\n {4}at /);
  });

  test.runIf(process.getuid?.() === 0)('a disk that fills up half way', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
    try {
      const outcome = await dimgx(['flatten', large, '-t', join(folder, 'x.tar')]);
      const path = join(folder, 'x.tar');
      expect(fault(outcome)).toContain(`dimgx: NO_SPACE: no space left for ${path}: free some, or choose`);
      expect(outcome.code).toBe(2);
      expect(await readdir(folder)).toEqual([]);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

describe('a run that is stopped leaves nothing', () => {
  test('SIGINT while the tar is written', async () => {
    const run = startDimgx(['flatten', large, '-t', join(folder, 'x.tar.gz'), '-z', '--compress-level', '9']);
    await expect.poll(() => sizes(folder), patient).toEqual([expect.any(Number)]);
    await expect.poll(async () => (await sizes(folder))[0], patient).toBeGreaterThan(0);
    run.child.kill('SIGINT');
    const { code, stderr } = await run.outcome;
    expect({ code, stderr }).toEqual({ code: 130, stderr: 'dimgx: INTERRUPTED: stopped by SIGINT\n' });
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s while the image comes in on stdin: exit code %d', async (signal, exitCode) => {
    const run = startDimgx(['flatten', '-', '-t', join(folder, 'x.tar')], { stdio: 'pipe' });
    run.child.stdin?.write((await readFile(join(images, 'small.tar'))).subarray(0, 2000));
    await expect.poll(() => readdir(folder), patient).toHaveLength(1);
    run.child.kill(signal);
    const { code, stderr } = await run.outcome;
    expect({ code, stderr }).toEqual({
      code: exitCode,
      stderr: `dimgx: INTERRUPTED: stopped by ${signal}\n`,
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test('SIGINT while a reader stalls', async () => {
    const run = startDimgx(['flatten', large, '-t', '-']);
    await once(run.child.stdout ?? run.child, 'readable');
    run.child.stdout?.pause();
    const ended = once(run.child, 'exit');
    run.child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    run.child.stdout?.destroy();
  });

  test('SIGINT while the reader of a pipe stalls', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const reader = await open(fifo, constants.O_RDWR);
    const run = startDimgx(['flatten', large, '-t', '-'], { stdio: ['ignore', reader.fd, 'pipe'] });
    expect((await reader.read()).bytesRead).toBeGreaterThan(0);
    run.child.kill('SIGINT');
    const { code, stderr } = await run.outcome;
    expect({ code, stderr }).toEqual({ code: 130, stderr: 'dimgx: INTERRUPTED: stopped by SIGINT\n' });
    await reader.close();
  });
});

async function sizes(path: string): Promise<number[]> {
  const names = await readdir(path);
  return Promise.all(names.map(async (name) => (await stat(join(path, name))).size));
}
