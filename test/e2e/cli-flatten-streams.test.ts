import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { commandLine, dimgx, startDimgx } from '../support/command/dimgx.ts';
import { flattenFixture } from '../support/command/flatten-fixture.ts';
import { onTerminal } from '../support/command/terminal.ts';
import { sha256 } from '../support/images/test-image.ts';
import { namesInTar } from '../support/tree/names-in-tar.ts';

const given = flattenFixture();
const startOfLine = '\r\u001b[K';

describe('stdout', () => {
  test('gets nothing but the tar, and stderr the summary', async () => {
    const { code, stdout, stderr } = await dimgx(['flatten', given.small, '-t', '-']);
    expect(code, stderr).toBe(0);
    expect(namesInTar(stdout)).toEqual(['d/', 'd/b']);
    expect(stderr).toContain(sha256(stdout));
  });

  test.each(['-', '/dev/stdout'])('by the name of %s has its report on stderr', async (target) => {
    const { stdout, stderr } = await dimgx(['flatten', given.small, '-t', target, '--json', '--zstd']);
    expect(JSON.parse(stderr)).toMatchObject({ artifact: { key: '-', sha256: sha256(stdout) } });
  });

  test('may be a file', async () => {
    const target = join(given.folder, 'x.tar');
    execFileSync('touch', [target]);
    const run = spawn(
      'sh',
      ['-c', '"$@" >"$0"', target, ...commandLine(['flatten', given.small, '-t', '-'])],
      {
        stdio: 'ignore',
      },
    );
    expect(await once(run, 'exit')).toEqual([0, null]);
    expect(namesInTar(await readFile(target))).toEqual(['d/', 'd/b']);
  });

  test('must not be a terminal', async () => {
    const { code, output } = await onTerminal(['flatten', given.small, '-t', '-']);
    expect(code).toBe(1);
    expect(output).toBe('dimgx: USAGE: stdout is a terminal; redirect it, or name a file with -t PATH\r\n');
  });

  test('whose reader goes away ends the run without a word', async () => {
    const run = startDimgx(['flatten', given.large, '-t', '-']);
    run.child.stdout?.once('data', () => run.child.stdout?.destroy());
    const { code, stderr } = await run.outcome;
    expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
  });

  // What Node gives a child as its stdout is a socket; a shell's is a pipe.
  test("may be a shell's pipe", async () => {
    const piped = commandLine(['flatten', given.small, '-t', '-', '--json']);
    const script = '"$@" 2>"$0" | tar -t';
    const names = execFileSync('bash', ['-c', script, join(given.folder, 'report'), ...piped], {
      encoding: 'utf8',
    });
    expect(names).toBe('d/\nd/b\n');
  });

  test("that is a shell's pipe whose reader goes away ends the run without a word", async () => {
    const script = 'set -o pipefail; "$@" | head -c 1 >/dev/null';
    const run = spawn('bash', ['-c', script, 'bash', ...commandLine(['flatten', given.large, '-t', '-'])], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [stderr, [code]] = await Promise.all([text(run.stderr), once(run, 'exit')]);
    expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
  });
});

describe('an archive on stdin', () => {
  const fromShell = async (script: string, env: NodeJS.ProcessEnv): Promise<unknown> => {
    const file = given.smallArchive;
    const args = ['-c', script, file, ...commandLine(['flatten', '-', '-t', join(given.folder, 'x.tar')])];
    const run = spawn('sh', args, {
      stdio: ['inherit', 'ignore', 'inherit'],
      env: { ...process.env, ...env },
    });
    return once(run, 'exit');
  };

  test('that is a file is read where it lies', async () => {
    // Nothing could be copied there.
    const env = { DIMGX_TMP: join(given.folder, 'none') };
    expect(await fromShell('"$@" <"$0"', env)).toEqual([0, null]);
    expect(namesInTar(await readFile(join(given.folder, 'x.tar')))).toEqual(['d/', 'd/b']);
  });

  test.each([
    ['comes through a pipe', 'cat "$0" | "$@"'],
    ['is the rest of a file', '{ echo ab; cat "$0"; } >"$0.rest"; { read -r ab; "$@"; } <"$0.rest"'],
    ['comes compressed', 'gzip -c "$0" | "$@"'],
    ['is a compressed file', 'xz -c "$0" >"$0.xz"; "$@" <"$0.xz"'],
  ])('that %s is read too', async (_what, script) => {
    expect(await fromShell(script, { DIMGX_TMP: given.folder })).toEqual([0, null]);
    expect(namesInTar(await readFile(join(given.folder, 'x.tar')))).toEqual(['d/', 'd/b']);
    expect(await readdir(given.folder)).toEqual(['x.tar']);
  });

  test('must not be a terminal', async () => {
    const { code, output } = await onTerminal(['flatten', '-', '-t', join(given.folder, 'x.tar')]);
    expect(code).toBe(1);
    expect(output).toContain('dimgx: USAGE: stdin is a terminal: pipe an archive in, or name its file');
  });
});

describe('progress', () => {
  test('is drawn on a terminal, and taken away', async () => {
    const { code, output } = await onTerminal([
      'flatten',
      given.large,
      '-t',
      join(given.folder, 'x.tar.gz'),
      '-z',
    ]);
    expect(code, output).toBe(0);
    const drawn = output.split(startOfLine).slice(1);
    expect(drawn.length).toBeGreaterThan(2);
    expect(drawn.at(-2)).toMatch(/^\[#+-*] {2}flatten .* of 50\.3 MB {2}\d+ %/);
    // The line of the bar is empty again when the summary comes.
    expect(drawn.at(-1)).toMatch(/^docker-archive:.* is .*x\.tar\.gz: /);
  });

  test('is a line now and then where that is asked for', async () => {
    const { stderr } = await dimgx(['flatten', given.large, '-t', '/dev/null', '--progress', 'plain']);
    expect(stderr).toMatch(/^flatten {2}.*of 50\.3 MB/m);
    expect(stderr).not.toContain('\u001b');
  });
});
