import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Archive } from './inputs/archive.ts';
import { makeHugeFileImage } from './inputs/huge-file.ts';
import { makeSmallFilesImage } from './inputs/small-files.ts';
import { measure, type Usage } from './measure.ts';
import { aligned } from './report.ts';

const GB = 1e9;
const MB = 1e6;
const dimgx = join(import.meta.dirname, '../dimgx');

/** One size of an input. */
interface Size {
  readonly name: string;
  readonly entries: number;
  readonly bytes: number;
  make(folder: string): Promise<Archive>;
}

export interface ScaleResult extends Usage {
  readonly name: string;
  readonly entries: number;
  readonly bytes: number;
}

const sizes: readonly Size[] = [
  ...[1_000, 10_000, 100_000, 1_000_000, 2_000_000].map((files) => small(files, 1)),
  ...[8, 32, 127].map((layers) => small(100_000, layers)),
  ...[1, 10].map(
    (gb): Size => ({
      name: `one file of ${gb} GB`,
      entries: 1,
      bytes: gb * GB,
      make: (folder) => makeHugeFileImage(folder, gb * GB),
    }),
  ),
];

function small(files: number, layers: number): Size {
  return {
    name: `${files.toLocaleString('en')} files in ${layers} ${layers === 1 ? 'layer' : 'layers'}`,
    entries: files,
    bytes: files * 2048,
    make: (folder) => makeSmallFilesImage(folder, { files, layers }),
  };
}

/** Whether cost an entry and a byte stay flat from small images to huge ones. */
export async function benchScale(folder: string): Promise<ScaleResult[]> {
  const results: ScaleResult[] = [];
  for (const { name, entries, bytes, make } of sizes) {
    const own = join(folder, 'scale');
    process.stderr.write(`scale: ${name}\n`);
    const archive = await make(own);
    const words = [
      dimgx,
      'flatten',
      `docker-archive:${archive.file}`,
      '-t',
      '/dev/null',
      '--progress',
      'none',
    ];
    results.push({ name, entries, bytes, ...(await measure(words)) });
    await rm(own, { recursive: true });
  }
  const [empty] = results;
  process.stdout.write(
    `\nscale, to /dev/null\n${aligned([heads, ...results.map((one) => row(one, empty))]).join('\n')}\n`,
  );
  return results;
}

const heads = ['', 'wall s', 'CPU s', 'peak MB', 'CPU µs an entry', 'CPU ms a MB', 'memory bytes an entry'];

/** Costs above those of the smallest image, which are those of a start. */
function row(result: ScaleResult, empty: ScaleResult): string[] {
  const { name, entries, bytes, wallSeconds, cpuSeconds, peakBytes } = result;
  const cpu = cpuSeconds - empty.cpuSeconds;
  const [many, much] = [entries >= 10_000, bytes >= GB];
  return [
    name,
    wallSeconds.toFixed(2),
    cpuSeconds.toFixed(2),
    (peakBytes / MB).toFixed(0),
    many ? ((cpu * 1e6) / entries).toFixed(1) : '',
    much && !many ? ((cpu * 1e3) / (bytes / MB)).toFixed(2) : '',
    many ? ((peakBytes - empty.peakBytes) / entries).toFixed(0) : '',
  ];
}
