import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Contest, ContestResult } from './contest.ts';
import { type ContestOptions, holdAll } from './contest-series.ts';
import { dimgx } from './contestants.ts';
import type { Archive } from './inputs/archive.ts';
import { makeSmallFilesImage } from './inputs/small-files.ts';
import { makeSystemImage } from './inputs/system-image.ts';
import { imageContests, smallFilesContest } from './works.ts';

const run = promisify(execFile);

/** Us against the floors and the peers that are found. */
export async function benchFlatten(options: ContestOptions): Promise<ContestResult[]> {
  const results = await holdAll(contests(options), options);
  process.stderr.write(`inputs and outputs are in ${options.folder}\n`);
  return results;
}

async function* contests({ folder, archive }: ContestOptions): AsyncGenerator<Contest> {
  const system = archive === undefined ? await makeSystemImage(join(folder, 'system')) : saved(archive);
  const flat = join(folder, 'flat.tar');
  await run(dimgx, ['flatten', `docker-archive:${system.file}`, '-t', flat, '--force', '--progress', 'none']);
  yield* imageContests({ archive: system, flat, folder });
  const small = await makeSmallFilesImage(join(folder, 'small'), { files: 200_000, layers: 4 });
  yield smallFilesContest({ archive: small, flat, folder });
}

function saved(file: string): Archive {
  return { file, layers: [] };
}
