import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contest, ContestResult } from './contest.ts';
import { type ContestOptions, holdAll } from './contest-series.ts';
import { flatten, memory, outputs } from './contestants.ts';
import type { Archive } from './inputs/archive.ts';
import { makeGzipImage } from './inputs/gzip-layers.ts';
import { makeSystemImage } from './inputs/system-image.ts';

/** Layers as registries hold them: whether they are unpacked beside each other. */
export async function benchLayers(options: ContestOptions): Promise<ContestResult[]> {
  const own = join(options.folder, 'layers');
  await mkdir(own, { recursive: true });
  const { layers } = await makeSystemImage(join(own, 'system'));
  return holdAll([gzipLayersContest(await makeGzipImage(own, layers), own)], options);
}

function gzipLayersContest({ file, layers }: Archive, folder: string): Contest {
  const [target] = outputs(folder, 'ours.tar');
  const ours = flatten(`oci-archive:${file}`, target, []);
  const inTurn = (program: string): string =>
    layers.map((layer) => `${program} -dc '${layer}' > /dev/null`).join(' && ');
  return {
    work: `from ${layers.length} layers of gzip, to a file, uncompressed`,
    ours,
    floor: { name: 'gzip -dc of each layer in turn', command: inTurn('gzip') },
    peers: [
      { name: 'pigz -dc of each layer in turn', needs: ['pigz'], command: inTurn('pigz') },
      {
        ...ours,
        name: 'dimgx flatten with one core',
        needs: ['taskset'],
        command: ['taskset', '--cpu-list', '0', ...ours.command],
      },
    ],
    bounds: [{ of: 'wallSeconds', times: 1 }, memory],
  };
}
