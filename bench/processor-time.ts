import { readdirSync, readFileSync } from 'node:fs';

/** Of Linux; what `getconf CLK_TCK` says everywhere. */
const ticksPerSecond = 100;

interface Ticks {
  readonly parent: number;
  readonly command: string;
  readonly ticks: number;
}

/** Processor time in seconds that a process and its descendants have used, by what they are. */
export function processorSeconds(root: number): Map<string, number> {
  const all = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name): [number, Ticks][] => {
        const ticks = ticksOf(name);
        return ticks === undefined ? [] : [[Number(name), ticks]];
      }),
  );
  const seconds = new Map<string, number>();
  for (const [pid, { command, ticks }] of all) {
    if (!descends(pid, root, all)) continue;
    seconds.set(command, (seconds.get(command) ?? 0) + ticks / ticksPerSecond);
  }
  return seconds;
}

function descends(pid: number, root: number, all: ReadonlyMap<number, Ticks>): boolean {
  for (let at: number | undefined = pid; at !== undefined; at = all.get(at)?.parent) {
    if (at === root) return true;
  }
  return false;
}

/** proc(5), stat: utime and stime are fields 14 and 15. Undefined for a process that has ended meanwhile. */
function ticksOf(pid: string): Ticks | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
    const command = ['redis-server', 'api', 'worker'].find((name) =>
      words.some((word) => word.endsWith(name)),
    );
    return {
      parent: Number(fields[1]),
      command: command ?? 'other',
      ticks: Number(fields[11]) + Number(fields[12]),
    };
  } catch {
    return undefined;
  }
}
