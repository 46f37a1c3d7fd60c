import { mkdtemp, readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imageReportSchema } from '@dimgx/core';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dimgx, fault, killRemaining, startDimgx } from '../support/command/dimgx.ts';
import { onTerminal } from '../support/command/terminal.ts';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { hexOf, sha256, testImage } from '../support/images/test-image.ts';
import { watchForLeaks } from '../support/leak-check.ts';

const folders = watchForLeaks();
const image = testImage({
  layers: [
    { tar: layer().file('a', 'one'), createdBy: 'ADD one' },
    { tar: layer().file('b', 'two').whiteout('a'), compression: 'gzip' },
  ],
  tags: ['app:1'],
  history: [
    { created_by: 'ADD one' },
    { created_by: 'ENV A=b', empty_layer: true },
    { created_by: 'ADD two' },
    { created_by: 'CMD ["sh"]', empty_layer: true },
  ],
});
const newestId = image.configDigest.replace('sha256:', '');

/** The bar, where there was one, is wiped away. */
const endOfProgress = '\u001b[K';

let reference: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(folders.own, 'inspect-'));
  reference = `docker-archive:${join(folder, 'app.tar')}`;
  await writeFile(join(folder, 'app.tar'), dockerArchive(image, 'docker-25'));
});

afterEach(killRemaining);

describe('dimgx inspect', () => {
  test('prints a table, newest layer first', async () => {
    const { code, stdout, stderr } = await dimgx(['inspect', reference]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.toString().split('\n')).toEqual([
      expect.stringMatching(/^TAG +ID +PARENT +CREATED +SIZE +TOTAL +CREATED BY$/),
      expect.stringMatching(/^- +- +- +- +- +- +CMD \["sh"\]$/),
      expect.stringMatching(new RegExp(`^app:1 +${newestId.slice(0, 12)} .* ADD two$`)),
      expect.stringMatching(/^- +- +- +- +- +- +ENV A=b$/),
      expect.stringMatching(/^- +[0-9a-f]{12} +- .* ADD one$/),
      '',
    ]);
  });

  test('lists chosen layers alone, by their prefixes, places and ranges, the highest precedence first', async () => {
    const { stdout } = await dimgx(['inspect', reference, '-l', `@0:${hexOf(image.layers[0].diffId)}`]);
    expect(stdout.toString().split('\n')).toEqual([
      expect.stringMatching(/^TAG /),
      expect.stringMatching(/ ADD one$/),
      expect.stringMatching(/ ADD two$/),
      '',
    ]);
  });

  test('--usage reads the layers', async () => {
    const { code, stdout, stderr } = await dimgx(['inspect', reference, '--usage']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [titles, , newest, , oldest] = stdout.toString().split('\n');
    expect(titles).toMatch(/ TOTAL +ADDED +CHANGED +REMOVED +WASTED +CREATED BY$/);
    expect(newest).toMatch(/ 1 +0 +1 +0 B +ADD two$/);
    expect(oldest).toMatch(/ 1 +0 +0 +3 B +ADD one$/);
  });

  test('--usage --json tells both sizes of a compressed layer', async () => {
    const { stdout } = await dimgx(['inspect', reference, '--usage', '--json', '-l', '@0']);
    const report = imageReportSchema.parse(JSON.parse(stdout.toString()));
    const { tar, blob } = image.layers[1];
    expect(report.layers).toMatchObject([
      {
        ...{ compression: 'gzip', size: blob.length, compressedSize: blob.length },
        ...{ uncompressedSize: tar.length, usage: { added: 1, changed: 0, removed: 0, wastedBytes: 0 } },
      },
    ]);
  });

  test('-q prints ids alone, and -r turns them round', async () => {
    const ids = (await dimgx(['inspect', reference, '-q'])).stdout.toString().trimEnd().split('\n');
    expect(ids).toEqual([newestId, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    const reversed = await dimgx(['inspect', reference, '-q', '-r']);
    expect(reversed.stdout.toString().trimEnd().split('\n')).toEqual(ids.toReversed());
  });

  test('--json prints the whole report', async () => {
    const { stdout } = await dimgx(['inspect', reference, '--json', '-l', '@1']);
    expect(JSON.parse(stdout.toString())).toMatchObject({
      image: { reference, configDigest: image.configDigest, platform: 'linux/amd64', repoTags: ['app:1'] },
      layers: [{ index: 0, createdBy: 'ADD one', diffId: image.layers[0]?.diffId }],
      history: [
        { createdBy: 'ADD one', emptyLayer: false, layer: 0 },
        { createdBy: 'ENV A=b', emptyLayer: true },
        { createdBy: 'ADD two', emptyLayer: false, layer: 1 },
        { createdBy: 'CMD ["sh"]', emptyLayer: true },
      ],
    });
  });

  test('a spec that names nothing is a warning, and under -s an error', async () => {
    const lenient = await dimgx(['inspect', reference, '-q', '-l', '@0', '-l', '@7']);
    expect(lenient).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^dimgx: warning: @7: no layer of .*\n$/),
    });
    expect(lenient.stdout.toString()).toBe(`${newestId}\n`);
    const strict = await dimgx(['inspect', reference, '-q', '-s', '-l', '@0', '-l', '@7']);
    expect(fault(strict)).toMatch(/^dimgx: LAYER_NOT_FOUND: @7: /);
    expect(strict.code).toBe(3);
    expect(strict.stdout.toString()).toBe('');
  });

  test('a prefix of several layers is an error that lists them', async () => {
    const twice = join(folders.own, 'twice.tar');
    const same = layer().file('same');
    await writeFile(twice, dockerArchive({ layers: [same, same] }, 'docker-25'));
    const outcome = await dimgx(['inspect', `docker-archive:${twice}`, '-l', hexOf(sha256(same.tar()))]);
    expect(fault(outcome)).toMatch(/^dimgx: LAYER_AMBIGUOUS: \w+ is the start of 2 layers of .*: @1 .*, @0 /);
    expect(outcome.code).toBe(2);
  });

  test('a layer that is no tar is named under --usage, and no matter without it', async () => {
    const broken = join(folders.own, 'broken.tar');
    await writeFile(broken, dockerArchive({ layers: [Buffer.alloc(1024, 'x')] }, 'docker-25'));
    expect((await dimgx(['inspect', `docker-archive:${broken}`, '-q'])).code).toBe(0);
    const outcome = await dimgx(['inspect', `docker-archive:${broken}`, '--usage']);
    expect(fault(outcome)).toMatch(/^dimgx: LAYER_INVALID: layer 0 of /);
    expect(outcome).toMatchObject({ code: 2, stdout: Buffer.alloc(0) });
  });

  test('--usage keeps to the limits, of which --limits goes before DIMGX_LIMITS', async () => {
    const env = { DIMGX_LIMITS: 'entries=1' };
    const outcome = await dimgx(['inspect', reference, '--usage'], { env });
    expect(fault(outcome)).toMatch(/^dimgx: LIMIT_EXCEEDED: .*the limit entries is 1; --limits /);
    const raised = await dimgx(['inspect', reference, '--usage', '--limits', 'entries=1000'], { env });
    expect(raised.code, raised.stderr).toBe(0);
  });

  test('lines fit the terminal, or the COLUMNS of those who know better', async () => {
    const [wide, narrow] = [
      await onTerminal(['inspect', reference]),
      await onTerminal(['inspect', reference], { COLUMNS: '60' }),
    ];
    expect(wide.output).toMatch(/ADD two\r\n/);
    const lines = narrow.output.split('\r\n').map((line) => line.split(endOfProgress).at(-1) ?? '');
    expect(lines[0]).toMatch(/^TAG .*…$/);
    expect(Math.max(...lines.map(({ length }) => length))).toBe(60);
  });

  test('an archive on stdin is read, and SIGINT ends that', async () => {
    const archive = dockerArchive(image, 'docker-25');
    const whole = startDimgx(['inspect', '-', '--usage', '-q'], { stdio: 'pipe' });
    whole.child.stdin?.end(archive);
    expect((await whole.outcome).stdout.toString()).toMatch(new RegExp(`^${newestId}\n`));
    const stopped = startDimgx(['inspect', '-', '--usage'], {
      stdio: 'pipe',
      env: { DIMGX_TMP: folders.own },
    });
    stopped.child.stdin?.write(archive.subarray(0, 2000));
    await expect.poll(() => openSpoolFiles(stopped.child.pid), { timeout: 60_000 }).toBe(1);
    stopped.child.kill('SIGINT');
    const { code, stderr } = await stopped.outcome;
    expect({ code, stderr }).toEqual({ code: 130, stderr: 'dimgx: INTERRUPTED: stopped by SIGINT\n' });
  });

  test('a variable that is no setting is a warning', async () => {
    const { code, stderr } = await dimgx(['inspect', reference, '-q'], { env: { DIMGX_DOCKER: 'x' } });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^dimgx: warning: DIMGX_DOCKER is no setting/);
  });
});

/** Files without a name below the run's folder that the process has open. */
async function openSpoolFiles(pid: number | undefined): Promise<number> {
  const links = (await readdir(`/proc/${pid}/fd`)).map((fd) =>
    readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''),
  );
  const targets = await Promise.all(links);
  return targets.filter((target) => target.startsWith(folders.own)).length;
}

describe('the command line', () => {
  test.each([
    ['--version', /^\d+\.\d+\.\d+\n$/],
    ['--help', /^Usage: dimgx \[options\] \[command\]\n.*flatten/s],
  ])('%s answers on stdout', async (option, text) => {
    const { code, stdout, stderr } = await dimgx([option]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.toString()).toMatch(text);
  });

  test.each([
    ['no command', [], /^dimgx: USAGE: no command given; dimgx --help lists them$/],
    [
      'a command that is none',
      ['flaten'],
      /^dimgx: USAGE: unknown command 'flaten' \(Did you mean flatten\?\)$/,
    ],
    ['an argument too many', ['inspect', 'a', 'b'], /^dimgx: USAGE: too many arguments for 'inspect'/],
    [
      'an option without its value',
      ['inspect', 'a', '-l'],
      /^dimgx: USAGE: option '-l, --layers <spec>' argument missing$/,
    ],
  ])('%s is wrong usage', async (_what, args, line) => {
    const outcome = await dimgx(args);
    expect(fault(outcome)).toMatch(line);
    expect(outcome.code).toBe(1);
  });
});
