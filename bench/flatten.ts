import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Contest, type ContestResult, type Finder, hold, isHere } from './contest.ts';
import type { Archive } from './inputs/archive.ts';
import { makeSmallFilesImage } from './inputs/small-files.ts';
import { makeSystemImage } from './inputs/system-image.ts';
import { contestTable } from './report.ts';
import { engineContest, imageContests, smallFilesContest } from './works.ts';

const run = promisify(execFile);

export interface FlattenBench {
  readonly folder: string;
  readonly rounds: number;
  /** A `docker save` archive to take in place of one made of this machine's files. */
  readonly archive?: string;
  /** An image of a Docker engine that answers. */
  readonly image?: string;
  readonly found: Finder;
}

/** Us against the floors and the peers that are found; a table after each work. */
export async function benchFlatten(options: FlattenBench): Promise<ContestResult[]> {
  const { folder, rounds, found } = options;
  const results: ContestResult[] = [];
  for await (const contest of contests(options)) {
    if (!isHere(contest.floor, found)) {
      process.stderr.write(`${contest.work}: left out, there is no ${contest.floor.name}\n`);
      continue;
    }
    const result = await hold(contest, rounds, found);
    process.stdout.write(`\n${contestTable(result)}`);
    results.push(result);
  }
  process.stderr.write(`inputs and outputs are in ${folder}\n`);
  return results;
}

async function* contests({ folder, archive, image }: FlattenBench): AsyncGenerator<Contest> {
  const system = archive === undefined ? await makeSystemImage(join(folder, 'system')) : saved(archive);
  const flat = join(folder, 'flat.tar');
  const dimgx = join(import.meta.dirname, '../dimgx');
  await run(dimgx, ['flatten', `docker-archive:${system.file}`, '-t', flat, '--force', '--progress', 'none']);
  yield* imageContests({ archive: system, flat, folder });
  const small = await makeSmallFilesImage(join(folder, 'small'), { files: 200_000, layers: 4 });
  yield smallFilesContest({ archive: small, flat, folder });
  if (image !== undefined) yield engineContest(image, folder);
}

function saved(file: string): Archive {
  return { file, layers: [] };
}
