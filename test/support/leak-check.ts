import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, inject } from 'vitest';

export interface TestFolders {
  /** For the tests' own files; removed after the file's last test. */
  readonly own: string;
  /** What `os.tmpdir()` is for the code under test and its processes. Must be empty at the end. */
  readonly temporary: string;
}

/**
 * Gives the tests of a file folders of their own, and fails the file if after its last test a process that it started
 * still runs, or a temporary file lies about. To be called once, at the top; `afterAll` hooks that stop servers are
 * to be set after it, since hooks run in reverse.
 */
export function watchForLeaks(): TestFolders {
  const root = mkdtempSync(join(inject('runFolder'), 'file-'));
  chmodSync(root, 0o711);
  const folders = { own: join(root, 'own'), temporary: join(root, 'tmp') };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  const outer = process.env.TMPDIR;
  process.env.TMPDIR = folders.temporary;
  afterAll(async () => {
    if (outer === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = outer;
    const leaks = await leaksAfterAWhile(folders.temporary);
    rmSync(root, { recursive: true, force: true });
    if (leaks.length > 0) throw new Error(`left behind:\n${leaks.join('\n')}`);
  });
  return folders;
}

/** Those who have just been told to end get two seconds for it. */
async function leaksAfterAWhile(temporary: string): Promise<string[]> {
  const deadline = Date.now() + 2000;
  let leaks = leaksOf(temporary);
  while (leaks.length > 0 && Date.now() < deadline) {
    await delay(50);
    leaks = leaksOf(temporary);
  }
  return leaks;
}

/** A line for each file in the folder and for each process that descends from this one. */
export function leaksOf(temporary: string): string[] {
  const files = readdirSync(temporary).map((name) => `file ${name}`);
  return [...files, ...descendants(process.pid).map(({ pid, command }) => `process ${pid}: ${command}`)];
}

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function descendants(ancestor: number): RunningProcess[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const running = all.map(processOf).filter((process) => process !== undefined);
  const family = new Set([ancestor]);
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const { pid, parent } of running) if (family.has(parent)) family.add(pid);
  }
  return running.filter(({ pid }) => pid !== ancestor && family.has(pid));
}

/** undefined if it has just ended; a zombie counts as ended. */
function processOf(pid: string): RunningProcess | undefined {
  try {
    // proc_pid_stat(5): the command may hold spaces and brackets, so fields are counted from its last bracket.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (state === 'Z') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
    return { pid: Number(pid), parent: Number(parent), command };
  } catch {
    return undefined;
  }
}
