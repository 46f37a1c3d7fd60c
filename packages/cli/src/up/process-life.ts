import { readFile } from 'node:fs/promises';

/** A process and when it began: a number alone is given to another process one day. */
export interface ProcessIdentity {
  readonly pid: number;
  /** As the kernel counts it; empty where there is no /proc to ask. */
  readonly startedAt: string;
}

/** Undefined if there is no such process, or it is dead and only waits to be reaped. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  // 0 and negative numbers stand for groups.
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // One of another user's lives too.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return undefined;
  }
  try {
    // proc(5): the command, in parentheses, may hold spaces; behind it come the state and, 19 fields on, the start.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : { pid, startedAt: fields[19] ?? '' };
  } catch {
    return { pid, startedAt: '' };
  }
}

export async function isAlive({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(pid))?.startedAt === startedAt;
}
