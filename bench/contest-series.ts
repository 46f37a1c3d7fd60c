import { type Contest, type ContestResult, type Finder, hold, isHere } from './contest.ts';
import { contestTable } from './report.ts';

/** How contests are held. */
export interface ContestOptions {
  /** Where inputs and outputs go. */
  readonly folder: string;
  readonly rounds: number;
  /** A `docker save` archive to take in place of one made of this machine's files. */
  readonly archive?: string;
  /** An image of a Docker engine that answers. */
  readonly image?: string;
  readonly found: Finder;
}

/** Holds one contest after another, those whose floor is here; a table after each. */
export async function holdAll(
  contests: AsyncIterable<Contest> | Iterable<Contest>,
  { rounds, found }: Pick<ContestOptions, 'rounds' | 'found'>,
): Promise<ContestResult[]> {
  const results: ContestResult[] = [];
  for await (const contest of contests) {
    if (!isHere(contest.floor, found)) {
      process.stderr.write(`${contest.work}: left out, there is no ${contest.floor.name}\n`);
      continue;
    }
    const result = await hold(contest, rounds, found);
    process.stdout.write(`\n${contestTable(result)}`);
    results.push(result);
  }
  return results;
}
