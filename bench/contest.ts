import { stat } from 'node:fs/promises';
import { type Command, measure, type Usage } from './measure.ts';

/** One way to do a work. */
export interface Contestant {
  readonly name: string;
  readonly command: Command;
  /** Programs that it needs; where one is missing it does not take part, which is told. */
  readonly needs?: readonly string[];
  /** Before each run, outside of what is measured. */
  readonly prepare?: () => Promise<void>;
  /** The file that it makes. */
  readonly output?: string;
}

/** One run; `outputBytes` is the size of what it made, if that is a file. */
export type Run = Usage & { readonly outputBytes?: number };

/** What is to be reached: a ratio to the floor's same figure, or bytes of memory. */
export type Bound =
  | { readonly of: 'wallSeconds' | 'cpuSeconds' | 'outputBytes'; readonly times: number }
  | { readonly of: 'peakBytes'; readonly atMost: number };

/** The same work, done by us, by its floor, and by peers. */
export interface Contest {
  readonly work: string;
  readonly ours: Contestant;
  /** What can't be beaten by much; ratios are of this. */
  readonly floor: Contestant;
  readonly peers: readonly Contestant[];
  readonly bounds: readonly Bound[];
}

/** Runs of one contestant, one a round. */
export interface Runs {
  readonly name: string;
  readonly all: readonly Run[];
}

export interface ContestResult {
  readonly work: string;
  readonly ours: Runs;
  readonly floor: Runs;
  readonly peers: readonly Runs[];
  /** Peers that are not on this machine, or can't do this work on it. */
  readonly missing: readonly string[];
  readonly bounds: readonly Bound[];
}

/**
 * Lets all take turns, so that what else the machine does meets each alike, and each round's ratio is of runs that
 * stand beside each other in time. Rejects if the floor or we fail; a peer that fails is left out.
 */
export async function hold(contest: Contest, rounds: number, found: Finder): Promise<ContestResult> {
  const { work, bounds } = contest;
  const peers = contest.peers.filter((peer) => isHere(peer, found));
  const runs = new Map<Contestant, Run[]>([contest.floor, contest.ours, ...peers].map((one) => [one, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [contestant, all] of runs) {
      process.stderr.write(`${work}: ${contestant.name}, round ${round} of ${rounds}\n`);
      try {
        all.push(await run(contestant));
      } catch (error) {
        if (!peers.includes(contestant)) throw error;
        process.stderr.write(`left out: ${error instanceof Error ? error.message : error}\n`);
        runs.delete(contestant);
      }
    }
  }
  const [floor, ours, ...others] = Array.from(runs, ([{ name }, all]): Runs => ({ name, all }));
  const missing = contest.peers.filter((peer) => !runs.has(peer)).map(({ name }) => name);
  return { work, ours, floor, peers: others, missing, bounds };
}

async function run({ command, prepare, output }: Contestant): Promise<Run> {
  await prepare?.();
  const usage = await measure(command);
  return output === undefined ? usage : { ...usage, outputBytes: (await stat(output)).size };
}

/** Tells whether a program is on the PATH. */
export type Finder = (program: string) => boolean;

export function isHere({ needs = [] }: Contestant, found: Finder): boolean {
  return needs.every(found);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Each round's ratio of two contestants; none of what one of them has not. */
export function ratios(runs: Runs, floor: Runs, of: keyof Run): number[] {
  return runs.all.flatMap((one, round) => {
    const [above, below] = [one[of], floor.all[round][of]];
    return above === undefined || below === undefined ? [] : [above / below];
  });
}

/** Whether a bound is kept, by the median of the rounds. */
export function isKept(ours: Runs, floor: Runs, bound: Bound): boolean {
  if (bound.of === 'peakBytes') return median(ours.all.map(({ peakBytes }) => peakBytes)) <= bound.atMost;
  return median(ratios(ours, floor, bound.of)) <= bound.times;
}
