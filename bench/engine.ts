import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { EngineClient } from '../test/support/images/engine-client.ts';
import { startDockerEngine } from '../test/support/parts/docker-engine.ts';
import { whyMissing } from '../test/support/parts/requirements.ts';
import type { Contest, ContestResult, Finder } from './contest.ts';
import { type ContestOptions, holdAll } from './contest-series.ts';
import { flatten, memory, outputs } from './contestants.ts';
import { makeSystemImage } from './inputs/system-image.ts';

/** An image out of a Docker engine: the one that is named, or one that is loaded into an engine of the bench's own. */
export async function benchEngine(options: ContestOptions): Promise<ContestResult[]> {
  const { folder, image, found } = options;
  if (image !== undefined) return holdAll(engineContests(image, folder, found), options);
  const reason = whyMissing('docker');
  if (reason !== undefined) {
    process.stderr.write(`from a Docker engine: left out, ${reason}\n`);
    return [];
  }
  const archive = options.archive ?? (await makeSystemImage(join(folder, 'system'))).file;
  const engine = await startDockerEngine(join(folder, 'engine'));
  const before = process.env.DOCKER_HOST;
  try {
    const client = new EngineClient(engine.socketPath);
    await client.load(createReadStream(archive));
    const [loaded] = await client.tags();
    if (loaded === undefined) throw new Error(`${archive} gives its image no name`);
    process.env.DOCKER_HOST = engine.host;
    return await holdAll(engineContests(loaded, folder, found), options);
  } finally {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
    await engine.stop();
  }
}

/** The engine's own time is in the elapsed ones of all, and in nobody's processor time. */
function engineContests(image: string, folder: string, found: Finder): Contest[] {
  const reference = `docker-daemon:${image}`;
  const [plain, zstd] = outputs(folder, 'engine.tar', 'engine.tar.zst');
  const save = found('docker')
    ? { name: 'docker save to /dev/null', command: `docker save '${image}' > /dev/null` }
    : { name: 'curl of the save to /dev/null', needs: ['curl'], command: curlSave(image) };
  const exported = (sink: string): string =>
    `id=$(docker create '${image}' /) && docker export "$id" ${sink}; docker rm "$id" > /dev/null`;
  const bounds = [{ of: 'wallSeconds', times: 1.1 } as const, memory];
  return [
    {
      work: 'from a Docker engine, uncompressed',
      ours: flatten(reference, plain, []),
      floor: save,
      peers: [{ name: 'docker create, export', needs: ['docker'], command: exported('> /dev/null') }],
      bounds,
    },
    {
      work: 'from a Docker engine, zstd level 3',
      ours: flatten(reference, zstd, ['--zstd']),
      floor: save,
      peers: [
        {
          name: 'docker create, export | zstd -3 -T0',
          needs: ['docker', 'zstd'],
          command: exported('| zstd -q -3 -T0 > /dev/null'),
        },
      ],
      bounds,
    },
  ];
}

function curlSave(image: string): string {
  const socket = (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace('unix://', '');
  const path = `/images/get?names=${encodeURIComponent(image)}`;
  return `curl -sSf --unix-socket '${socket}' 'http://localhost${path}' > /dev/null`;
}
