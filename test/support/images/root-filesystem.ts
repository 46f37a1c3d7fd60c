import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface RootFilesystem {
  /** The tar of a minimal Debian (or Ubuntu) with `setcap`, `xz` and `bzip2`. */
  readonly tarFile: string;
  /** A busybox that needs no library. */
  readonly busyboxFile: string;
}

/** Makes the root filesystem of this machine's distribution, from where this machine gets its packages. */
export async function debootstrap(folder: string, signal: AbortSignal): Promise<RootFilesystem> {
  const root = join(folder, 'root');
  const suite = /^VERSION_CODENAME=(.+)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? 'stable';
  const options = ['--variant=minbase', '--include=libcap2-bin,busybox-static,bzip2,xz-utils'];
  await runGroup('debootstrap', [...options, suite, root, ...(await mirrorOf(suite))], signal);
  // What only helps to install more packages is half of the rest.
  for (const path of ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale']) {
    await rm(join(root, path), { recursive: true, force: true });
  }
  const rootFilesystem = { tarFile: join(folder, 'root.tar'), busyboxFile: join(folder, 'busybox') };
  await copyFile(join(root, 'bin/busybox'), rootFilesystem.busyboxFile);
  await run('tar', ['-cf', rootFilesystem.tarFile, '-C', root, '--numeric-owner', '.']);
  await rm(root, { recursive: true });
  return rootFilesystem;
}

/** Runs a script whose own children must end with it. */
async function runGroup(command: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const end = () => child.pid !== undefined && process.kill(-child.pid, 'SIGTERM');
  signal.addEventListener('abort', end);
  const output = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  signal.removeEventListener('abort', end);
  if (code !== 0) throw new Error(`${command} failed:\n${output.join('').split('\n').slice(-12).join('\n')}`);
}

/** As an argument; none where apt knows none, so that debootstrap's own is taken. */
async function mirrorOf(suite: string): Promise<string[]> {
  const format = ['--format', '$(CODENAME) $(REPO_URI)', 'Identifier: Packages'];
  const { stdout } = await run('apt-get', ['indextargets', ...format]);
  const line = stdout.split('\n').find((each) => each.startsWith(`${suite} `));
  return line === undefined ? [] : [line.slice(suite.length + 1)];
}
