import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../src/target/open-target.ts';
import type { Target } from '../src/target/target.ts';

const never = new AbortController().signal;
const plain = { force: false, signal: never };
const forced = { force: true, signal: never };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dimgx-target-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function put(target: Target, text: string): Promise<void> {
  if (target.sink.kind === 'file') writeSync(target.sink.fd, text);
  else await target.sink.write(Buffer.from(text));
}

describe('a file', () => {
  test('appears when it is complete, and not before', async () => {
    const path = join(folder, 'x.tar');
    const target = await openTarget(path, plain);
    await put(target, 'whole');
    await expect(lstat(path)).rejects.toThrow('ENOENT');
    await target.commit();
    expect(await readFile(path, 'utf8')).toBe('whole');
    expect(await readdir(folder)).toEqual(['x.tar']);
  });

  test('leaves nothing when it is given up', async () => {
    const target = await openTarget(join(folder, 'x.tar'), plain);
    await put(target, 'half');
    await target.discard();
    expect(await readdir(folder)).toEqual([]);
  });

  test('stays when it is given up after all', async () => {
    const target = await openTarget(join(folder, 'x.tar'), plain);
    await target.commit();
    await target.discard();
    expect(await readdir(folder)).toEqual(['x.tar']);
  });

  test('that exists is refused, and kept', async () => {
    const path = join(folder, 'x.tar');
    await writeFile(path, 'old');
    await expect(openTarget(path, plain)).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    expect(await readFile(path, 'utf8')).toBe('old');
  });

  test('that exists is replaced by force, in one step', async () => {
    const path = join(folder, 'x.tar');
    await writeFile(path, 'old');
    const target = await openTarget(path, forced);
    await put(target, 'new');
    expect(await readFile(path, 'utf8')).toBe('old');
    await target.commit();
    expect(await readFile(path, 'utf8')).toBe('new');
  });

  test('that another process made meanwhile is not replaced', async () => {
    const path = join(folder, 'x.tar');
    const target = await openTarget(path, plain);
    await writeFile(path, 'theirs');
    await expect(target.commit()).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    await target.discard();
    expect(await readFile(path, 'utf8')).toBe('theirs');
    expect(await readdir(folder)).toEqual(['x.tar']);
  });

  test('behind a link is the one that is replaced, and the link stays', async () => {
    await writeFile(join(folder, 'real.tar'), 'old');
    await symlink('real.tar', join(folder, 'link.tar'));
    const target = await openTarget(join(folder, 'link.tar'), forced);
    await put(target, 'new');
    await target.commit();
    expect(await readlink(join(folder, 'link.tar'))).toBe('real.tar');
    expect(await readFile(join(folder, 'real.tar'), 'utf8')).toBe('new');
  });

  test('behind a link that leads nowhere takes force', async () => {
    await symlink('nowhere', join(folder, 'link.tar'));
    await expect(openTarget(join(folder, 'link.tar'), plain)).rejects.toMatchObject({
      code: 'TARGET_EXISTS',
    });
    const target = await openTarget(join(folder, 'link.tar'), forced);
    await target.commit();
    expect(await readdir(folder)).toEqual(['link.tar']);
  });

  test('has the longest name that a folder takes', async () => {
    const target = await openTarget(join(folder, 'x'.repeat(255)), plain);
    await target.commit();
    expect(await readdir(folder)).toEqual(['x'.repeat(255)]);
  });

  describe('whose content is told', () => {
    const told = { ...plain, sha256: `sha256:${'0123456789ab'.padEnd(64, 'c')}` };
    const resting = '.x.tar.0123456789ab.partial';

    async function kept({ kept }: Target): Promise<string | undefined> {
      return kept && Buffer.concat(await Array.fromAsync(kept.read())).toString();
    }

    test.each(['x.tar', 'x'.repeat(255)])('is gone on with where it was left: %s', async (name) => {
      const first = await openTarget(join(folder, name), told);
      await put(first, 'one, ');
      await first.kept?.keep();
      await first.discard();
      const second = await openTarget(join(folder, name), told);
      expect(await kept(second)).toBe('one, ');
      await put(second, 'two');
      await second.commit();
      expect(await readFile(join(folder, name), 'utf8')).toBe('one, two');
      expect(await readdir(folder)).toEqual([name]);
    });

    test.each([
      ['a link', () => symlink('theirs', join(folder, resting))],
      ['a file of two names', () => link(join(folder, 'theirs'), join(folder, resting))],
      ['a folder', () => mkdir(join(folder, resting))],
    ])('is not gone on with in %s', async (_what, put) => {
      await writeFile(join(folder, 'theirs'), 'kept');
      await put();
      const target = await openTarget(join(folder, 'x.tar'), told);
      expect(target.kept?.size).toBe(0);
      await target.commit();
      expect(await readFile(join(folder, 'theirs'), 'utf8')).toBe('kept');
    });
  });
});

describe('a target that can not be', () => {
  test.each([
    ['in a folder that is not there', 'no/x.tar', 'TARGET_FOLDER_MISSING'],
    ['below a file', 'file/x.tar', 'TARGET_FOLDER_MISSING'],
    ['written as a folder that is not there', 'no/', 'TARGET_FOLDER_MISSING'],
    ['a folder', 'folder', 'TARGET_UNWRITABLE'],
    ['of too long a name', 'x'.repeat(256), 'TARGET_UNWRITABLE'],
  ])('%s', async (_where, path, code) => {
    await writeFile(join(folder, 'file'), '');
    await mkdir(join(folder, 'folder'));
    await expect(openTarget(join(folder, path), forced)).rejects.toMatchObject({ code });
    expect((await readdir(folder)).sort()).toEqual(['file', 'folder']);
  });

  test.runIf(process.getuid?.() !== 0)('in a folder that may not be written', async () => {
    await chmod(folder, 0o555);
    await expect(openTarget(join(folder, 'x.tar'), plain)).rejects.toMatchObject({
      code: 'TARGET_UNWRITABLE',
    });
    await chmod(folder, 0o755);
  });
});

test('/dev/null is written straight, without force', async () => {
  const target = await openTarget('/dev/null', plain);
  await put(target, 'gone');
  await target.commit();
  expect((await lstat('/dev/null')).isCharacterDevice()).toBe(true);
});

describe('a fifo', () => {
  let fifo: string;
  let reader: ChildProcess | undefined;

  beforeEach(() => {
    fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
  });

  afterEach(() => {
    reader?.kill('SIGKILL');
    reader = undefined;
  });

  function read(command: string): ChildProcess {
    return spawn('sh', ['-c', command, 'sh', fifo], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  test('is written to whoever reads it', async () => {
    reader = read('cat "$1"');
    const output = reader.stdout?.setEncoding('utf8').toArray();
    const target = await openTarget(fifo, plain);
    await put(target, 'hello');
    await target.commit();
    expect((await output)?.join('')).toBe('hello');
    expect((await lstat(fifo)).isFIFO()).toBe(true);
  });

  test('without a reader does not hold a run that is stopped', async () => {
    const controller = new AbortController();
    const opening = openTarget(fifo, { force: false, signal: controller.signal });
    controller.abort(new Error('stopped'));
    await expect(opening).rejects.toThrow('stopped');
  });

  test('with a reader that stalls does not either', async () => {
    reader = read('exec sleep 60 <"$1"');
    const controller = new AbortController();
    const target = await openTarget(fifo, { force: false, signal: controller.signal });
    const writing = put(target, 'x'.repeat(1024 * 1024));
    controller.abort(new Error('stopped'));
    await expect(writing).rejects.toThrow('stopped');
    await target.discard();
  });

  test('whose reader goes away fails', async () => {
    reader = read('head -c 1 "$1"');
    const target = await openTarget(fifo, plain);
    const ended = once(reader, 'exit');
    await put(target, 'x');
    await ended;
    await expect(put(target, 'y')).rejects.toMatchObject({
      code: 'TARGET_UNWRITABLE',
      cause: { code: 'EPIPE' },
    });
    await target.discard();
  });
});
