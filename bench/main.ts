import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ContestOptions } from './contest-series.ts';
import { benchEngine } from './engine.ts';
import { benchFlatten } from './flatten.ts';
import { benchLayers } from './layers.ts';
import { benchScale } from './scale.ts';
import { benchService } from './service.ts';
import { benchWorker } from './worker.ts';

const usage = `Usage: npm run bench -- [flatten|layers|engine|scale|service|worker]... [options]

  flatten   time, CPU and memory beside the floors and the peers found here
  layers    an image whose layers are gzip, beside unpacking them one after another
  engine    an image out of a Docker engine, beside docker save; one of its own where dockerd is installed
  scale     cost an entry and a byte from small images to huge ones
  service   jobs a second whose artifact is there, alone and in a batch, and looks at a job
  worker    CPU, memory and event loop of a worker with jobs of an image, into a directory and S3

  --rounds N      how often each takes its turn (5)
  --archive FILE  a docker save archive in place of one made of this machine's files
  --image NAME    for engine: this image of the engine that DOCKER_HOST names, or the usual one
  --folder DIR    where inputs and outputs go, and stay (a temporary folder, removed); 5 GB
  --json FILE     all figures
`;

const works: readonly string[] = ['flatten', 'layers', 'engine', 'scale', 'service', 'worker'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    archive: { type: 'string' },
    image: { type: 'string' },
    folder: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

async function main(): Promise<void> {
  const rounds = Number(values.rounds);
  const chosen = positionals.length === 0 ? [...works] : positionals;
  const unknown = chosen.find((name) => !works.includes(name));
  if (values.help === true || unknown !== undefined || !Number.isInteger(rounds) || rounds < 1) {
    process.stderr.write(usage);
    process.exitCode = values.help === true ? 0 : 1;
    return;
  }
  const folder = await workFolder();
  try {
    const results = {
      machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version },
      flatten: chosen.includes('flatten') ? await benchFlatten(contestOptions(folder, rounds)) : undefined,
      layers: chosen.includes('layers') ? await benchLayers(contestOptions(folder, rounds)) : undefined,
      engine: chosen.includes('engine') ? await benchEngine(contestOptions(folder, rounds)) : undefined,
      scale: chosen.includes('scale') ? await benchScale(folder) : undefined,
      service: chosen.includes('service') ? await benchService(folder, rounds) : undefined,
      worker: chosen.includes('worker') ? await benchWorker(contestOptions(folder, rounds)) : undefined,
    };
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);
  } finally {
    if (values.folder === undefined) await rm(folder, { recursive: true, force: true });
  }
}

function contestOptions(folder: string, rounds: number): ContestOptions {
  const { archive, image } = values;
  return {
    ...{ folder, rounds, found: isOnPath },
    ...(archive !== undefined && { archive: resolve(archive) }),
    ...(image !== undefined && { image }),
  };
}

async function workFolder(): Promise<string> {
  if (values.folder === undefined) return mkdtemp(join(tmpdir(), 'dimgx-bench-'));
  await mkdir(values.folder, { recursive: true });
  return resolve(values.folder);
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

await main();
