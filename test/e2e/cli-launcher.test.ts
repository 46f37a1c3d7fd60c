import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { watchForLeaks } from '../support/leak-check.ts';

const folders = watchForLeaks();
const origin = fileURLToPath(new URL('../..', import.meta.url));
const isRoot = process.getuid?.() === 0;

let checkout: string;
/** Stands before all others on PATH. */
let commands: string;
let calls: string;

/** A checkout as git gives it, with stand-ins for npm and the compiler that do what those do, in no time. */
beforeEach(async () => {
  const folder = await mkdtemp(join(folders.own, 'launcher-'));
  await chmod(folder, 0o755);
  checkout = join(folder, 'check out');
  commands = join(folder, 'bin');
  calls = join(folder, 'calls');
  await mkdir(commands);
  await writeFile(calls, '');
  for (const name of ['api', 'cli', 'core', 'queue', 'worker']) {
    await mkdir(join(checkout, 'packages', name, 'src'), { recursive: true });
    await writeFile(join(checkout, 'packages', name, 'src/index.ts'), '');
    await writeFile(join(checkout, 'packages', name, 'package.json'), '{ "type": "module" }');
    await writeFile(join(checkout, 'packages', name, 'tsconfig.json'), '{}');
  }
  for (const name of ['package-lock.json', 'tsconfig.base.json']) await writeFile(join(checkout, name), '{}');
  execFileSync('cp', [join(origin, 'dimgx'), checkout]);
  await command(join(commands, 'npm'), npmStandIn);
});

async function command(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/usr/bin/env bash\nset -eu\n${script}`, { mode: 0o755 });
}

const npmStandIn = `
echo "npm $*" >>"$CALLS"
rm -rf node_modules
mkdir -p node_modules/.bin
if [[ -n \${NPM_FAILS-} ]]; then echo 'the registry is on fire' >&2; exit 1; fi
if [[ -n \${NPM_STALLS-} ]]; then exec sleep 60; fi
[[ -n \${NO_NODE-} ]] || ln -s "$NODE" node_modules/.bin/node
cat >node_modules/.bin/tsc <<'TSC'
#!/usr/bin/env bash
echo "tsc $*" >>"$CALLS"
if [[ -n \${TSC_FAILS-} ]]; then echo 'error TS1: no'; exit 1; fi
mkdir -p packages/cli/dist
cat >packages/cli/dist/main.js <<'MAIN'
console.log(JSON.stringify({ args: process.argv.slice(2), version: process.versions.node,
  threads: process.env.UV_THREADPOOL_SIZE, cache: process.env.NODE_COMPILE_CACHE }));
process.exitCode = 7;
MAIN
TSC
chmod +x node_modules/.bin/tsc
echo '{}' >node_modules/.package-lock.json
`;

function environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { UV_THREADPOOL_SIZE: _size, NODE_COMPILE_CACHE: _cache, ...rest } = process.env;
  return { ...rest, PATH: `${commands}:/usr/bin:/bin`, CALLS: calls, NODE: process.execPath, ...extra };
}

interface Start {
  readonly from?: string;
  readonly launcher?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
}

function start({ from = '/', launcher = join(checkout, 'dimgx'), env, uid }: Start = {}) {
  const options = {
    cwd: from,
    env: environment(env),
    encoding: 'utf8',
    ...(uid && { uid, gid: uid }),
  } as const;
  return spawnSync(launcher, ['inspect', 'two words'], options);
}

async function calledSoFar(): Promise<string[]> {
  return (await readFile(calls, 'utf8')).split('\n').filter((line) => line !== '');
}

const install = 'npm ci --ignore-scripts --include=dev --include=optional --loglevel=error';
const build = 'tsc -b packages/cli';

describe('the first start', () => {
  test('installs, builds, and hands over to the pinned Node', async () => {
    const { status, stdout, stderr } = start();
    expect(status).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({
      args: ['inspect', 'two words'],
      version: process.versions.node,
      cache: join(checkout, 'node_modules/.cache/dimgx'),
    });
    expect(Number(JSON.parse(stdout).threads)).toBeGreaterThan(4);
    expect(stderr).toMatch(
      /^dimgx: installing the npm packages \.\.\. \d+ s\ndimgx: building \.\.\. \d+ s\n$/,
    );
    expect(await calledSoFar()).toEqual([install, build]);
    expect(await readdir(folders.temporary)).toEqual([]);
  });

  test('through links, from wherever', async () => {
    await symlink(join(checkout, 'dimgx'), join(commands, 'one'));
    await symlink('one', join(commands, 'dimgx'));
    expect(start({ from: commands, launcher: './dimgx' }).status).toBe(7);
    expect(start({ from: '/', launcher: 'dimgx' }).status).toBe(7);
    expect(start({ from: checkout, launcher: './dimgx' }).status).toBe(7);
  });

  test('shows why it could not install, and the next one tries again', async () => {
    const failed = start({ env: { NPM_FAILS: '1' } });
    expect(failed.status).toBe(2);
    expect(failed.stdout).toBe('');
    expect(failed.stderr).toMatch(
      /\.\.\. failed\nthe registry is on fire\ndimgx: INTERNAL: installing the npm packages failed; the whole output is in (.*)\n$/,
    );
    for (const log of await readdir(folders.temporary)) await rm(join(folders.temporary, log));
    expect(start().status).toBe(7);
    expect(await calledSoFar()).toEqual([install, install, build]);
  });

  test('shows why it could not build, and the next one tries again', async () => {
    const failed = start({ env: { TSC_FAILS: '1' } });
    expect(failed.stderr).toMatch(
      /dimgx: building \.\.\. failed\nerror TS1: no\ndimgx: INTERNAL: building failed;/,
    );
    for (const log of await readdir(folders.temporary)) await rm(join(folders.temporary, log));
    expect(start().status).toBe(7);
    expect(await calledSoFar()).toEqual([install, build, build]);
  });

  test('that was killed while it installed is done again', async () => {
    const first = spawn(join(checkout, 'dimgx'), { env: environment({ NPM_STALLS: '1' }), detached: true });
    await expect
      .poll(() => readdir(join(checkout, 'node_modules')).catch(() => []), { timeout: 20_000 })
      .toEqual(['.bin']);
    const ended = once(first, 'exit');
    // As Ctrl-C does: the whole group.
    process.kill(-(first.pid ?? 0), 'SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(await readdir(folders.temporary)).toEqual([]);
    expect(start().status).toBe(7);
    expect(await calledSoFar()).toEqual([install, install, build]);
  });

  test('by two at once installs and builds once', async () => {
    const both = [1, 2].map(() => spawn(join(checkout, 'dimgx'), { env: environment(), stdio: 'ignore' }));
    const ends = await Promise.all(both.map((child) => once(child, 'exit')));
    expect(ends).toEqual([
      [7, null],
      [7, null],
    ]);
    expect(await calledSoFar()).toEqual([install, build]);
  });

  test('where there is no npm says what is missing', async () => {
    await rm(join(commands, 'npm'));
    const { status, stderr } = start({ env: { PATH: await toolsWithoutNode() } });
    expect(stderr).toBe('dimgx: INTERNAL: npm is not on PATH; install Node.js with npm, then start again\n');
    expect(status).toBe(2);
  });
});

describe('a later start', () => {
  beforeEach(async () => {
    start();
    await writeFile(calls, '');
  });

  test('does nothing but to hand over', async () => {
    const { status, stderr } = start();
    expect({ status, stderr }).toEqual({ status: 7, stderr: '' });
    expect(await calledSoFar()).toEqual([]);
  });

  test.each([
    ['a source that changed', () => touch('packages/core/src/index.ts')],
    ['a source that is new', () => writeFile(join(checkout, 'packages/queue/src/new.ts'), '')],
    ['a source that is gone', () => rm(join(checkout, 'packages/worker/src/index.ts'))],
    ['a compiler setting that changed', () => touch('tsconfig.base.json')],
    ['what was built and is gone', () => rm(join(checkout, 'packages/cli/dist/main.js'))],
  ])('builds for %s', async (_what, change) => {
    await change();
    expect(start().status).toBe(7);
    expect(await calledSoFar()).toEqual([build]);
    expect(start().status).toBe(7);
    expect(await calledSoFar()).toEqual([build]);
  });

  test('installs for a lock file that changed', async () => {
    await touch('package-lock.json');
    expect(start().status).toBe(7);
    expect(await calledSoFar()).toEqual([install, build]);
  });

  test.runIf(isRoot)('works for somebody who may not write the checkout', async () => {
    await touch('packages/core/src/index.ts');
    const { status, stderr } = start({ uid: 65_534 });
    expect({ status, stderr }).toEqual({ status: 7, stderr: '' });
    expect(await calledSoFar()).toEqual([]);
  });
});

test.runIf(isRoot)('whoever may not write a fresh checkout is told to ask its owner', () => {
  const { status, stderr } = start({ uid: 65_534 });
  expect(stderr).toMatch(
    /^dimgx: TARGET_UNWRITABLE: .* is not installed and not writable; start .* once as its owner\n$/,
  );
  expect(status).toBe(2);
});

describe('where npm has no Node for the machine', () => {
  test("the machine's own will do, if it is new enough", async () => {
    await symlink(process.execPath, join(commands, 'node'));
    expect(start({ env: { NO_NODE: '1' } }).status).toBe(7);
  });

  test.each([
    ['an old one', 'echo 20.19.0', '20.19.0'],
    ['a broken one', 'exit 1', 'none'],
  ])('%s is refused in one line', async (_which, script, found) => {
    await command(join(commands, 'node'), script);
    const { status, stderr } = start({ env: { NO_NODE: '1' } });
    expect(stderr.split('\n').at(-2)).toBe(
      `dimgx: USAGE: Node.js 24 or newer is needed, found ${found}; npm brings it on Linux x64 and arm64 alone`,
    );
    expect(status).toBe(1);
  });
});

async function touch(path: string): Promise<void> {
  const now = Date.now() / 1000;
  await utimes(join(checkout, path), now, now);
}

/** A folder with the tools that the launcher uses, and nothing of Node's. */
async function toolsWithoutNode(): Promise<string> {
  for (const tool of ['bash', 'env', 'find', 'flock', 'mktemp', 'mv', 'nproc', 'readlink', 'rm', 'tail']) {
    await symlink(join('/usr/bin', tool), join(commands, tool)).catch(() =>
      symlink(join('/bin', tool), join(commands, tool)),
    );
  }
  return commands;
}
