import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dimgx, fault, killRemaining } from '../support/command/dimgx.ts';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { testImage } from '../support/images/test-image.ts';
import { watchForLeaks } from '../support/leak-check.ts';

const folders = watchForLeaks();
const image = testImage({
  layers: [
    { tar: layer().file('a', 'one'), createdBy: 'ADD one' },
    { tar: layer().file('b', 'two'), createdBy: 'ADD two' },
  ],
  tags: ['app:1'],
});
const newestId = image.configDigest.replace('sha256:', '');

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
    const [titles, newest, oldest, ...rest] = stdout.toString().split('\n');
    expect(titles).toMatch(/^TAG +ID +PARENT +CREATED +SIZE +BELOW +TOTAL +CREATED BY$/);
    expect(newest).toMatch(new RegExp(`^app:1 +${newestId.slice(0, 12)} .* ADD two$`));
    expect(oldest).toMatch(/^- .* ADD one$/);
    expect(rest).toEqual(['']);
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
      history: [{ createdBy: 'ADD one' }, { createdBy: 'ADD two' }],
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

  test('a variable that is no setting is a warning', async () => {
    const { code, stderr } = await dimgx(['inspect', reference, '-q'], { env: { DIMGX_DOCKER: 'x' } });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^dimgx: warning: DIMGX_DOCKER is no setting/);
  });
});

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
