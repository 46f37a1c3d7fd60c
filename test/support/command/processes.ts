import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';

export interface ChildOf {
  readonly pid: number;
  readonly command: string;
}

/** The running children of a process. */
export function childrenOf(parent: number | undefined): ChildOf[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = statusOf(Number(name));
      return stat?.parent === parent ? [{ pid: Number(name), command: stat?.command ?? '' }] : [];
    });
}

/** The one child whose command line matches. */
export function childLike(parent: number | undefined, pattern: RegExp): ChildOf {
  const found = childrenOf(parent).filter(({ command }) => pattern.test(command));
  const [child] = found;
  if (child === undefined || found.length > 1)
    throw new Error(`${found.length} children are like ${pattern}`);
  return child;
}

/** Resolves when none of them runs any more, whoever their parent is by now. */
export async function allGone(processes: readonly ChildOf[]): Promise<void> {
  const left = () => processes.filter(({ pid, command }) => statusOf(pid)?.command === command);
  await expect.poll(left, { timeout: 30_000, interval: 20 }).toEqual([]);
}

/** undefined if there is none, or it is dead and waits to be reaped. */
function statusOf(pid: number): { readonly parent: number; readonly command: string } | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
    return state === 'Z' ? undefined : { parent: Number(parent), command };
  } catch {
    return undefined;
  }
}
