import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contest, Contestant } from './contest.ts';
import { dimgx, flatten, made, memory, outputs } from './contestants.ts';
import type { Archive } from './inputs/archive.ts';

/** Where a work's inputs lie and its outputs go. */
export interface Bench {
  readonly archive: Archive;
  /** The flat tar of the archive, made by us before. */
  readonly flat: string;
  readonly folder: string;
}

/** An image as it is: programs, libraries, documents. */
export function imageContests(bench: Bench): Contest[] {
  return [toFile(bench), toZstd(bench), toGzip(bench), toPipe(bench)];
}

function toFile({ archive, flat, folder }: Bench): Contest {
  const [ours, theirs, peer] = outputs(folder, 'ours.tar', 'copy.tar', 'peer.tar');
  return {
    work: 'to a file, uncompressed, every layer and the output digested',
    ours: flatten(`docker-archive:${archive.file}`, ours, []),
    floor: { name: 'cp of the archive', command: ['cp', archive.file, theirs], ...made(theirs) },
    peers: [
      {
        name: 'cp, and openssl digests both',
        needs: ['openssl'],
        command: `${digest(archive.file)} & ${digest(flat)} & cp '${archive.file}' '${peer}' && wait`,
        ...made(peer),
      },
      {
        name: 'crane export (digests nothing)',
        needs: ['crane'],
        command: `crane export - - < '${archive.file}' > '${peer}'`,
        ...made(peer),
      },
      umociAndTar(archive.file, folder),
    ],
    bounds: [{ of: 'wallSeconds', times: 2 }, { of: 'cpuSeconds', times: 6 }, memory],
  };
}

function toZstd({ archive, flat, folder }: Bench): Contest {
  const [ours, theirs, peer] = outputs(folder, 'ours.tar.zst', 'flat.tar.zst', 'peer.tar.zst');
  return {
    work: 'to a file, zstd level 3',
    ours: flatten(`docker-archive:${archive.file}`, ours, ['--zstd']),
    floor: {
      name: 'zstd -3 -T0 of the flat tar',
      command: ['zstd', '-q', '-f', '-3', '-T0', '-o', theirs, flat],
      ...made(theirs),
    },
    peers: [
      {
        name: 'crane export | zstd -3 -T0',
        needs: ['crane'],
        command: `crane export - - < '${archive.file}' | zstd -q -3 -T0 > '${peer}'`,
        ...made(peer),
      },
    ],
    bounds: [{ of: 'wallSeconds', times: 1.35 }, { of: 'outputBytes', times: 1.01 }, memory],
  };
}

function toGzip({ archive, flat, folder }: Bench): Contest {
  const [ours, theirs, peer] = outputs(folder, 'ours.tar.gz', 'flat.tar.gz', 'peer.tar.gz');
  return {
    work: 'to a file, gzip level 6',
    ours: flatten(`docker-archive:${archive.file}`, ours, ['-z']),
    floor: { name: 'pigz -6 of the flat tar', command: `pigz -6 < '${flat}' > '${theirs}'`, ...made(theirs) },
    peers: [
      {
        name: 'crane export | pigz -6',
        needs: ['crane'],
        command: `crane export - - < '${archive.file}' | pigz -6 > '${peer}'`,
        ...made(peer),
      },
    ],
    bounds: [{ of: 'wallSeconds', times: 1.1 }, { of: 'outputBytes', times: 1.03 }, memory],
  };
}

function toPipe({ archive }: Bench): Contest {
  return {
    work: 'into a pipe, uncompressed',
    ours: {
      name: 'dimgx flatten -t -',
      command: `'${dimgx}' flatten 'docker-archive:${archive.file}' -t - --progress none | cat > /dev/null`,
    },
    floor: { name: 'cat of the archive', command: `cat '${archive.file}' | cat > /dev/null` },
    peers: [],
    bounds: [{ of: 'wallSeconds', times: 2.5 }, memory],
  };
}

/** Many small files: the time goes into headers. */
export function smallFilesContest({ archive, folder }: Bench): Contest {
  const [ours] = outputs(folder, 'ours.tar');
  const tree = join(folder, 'tree');
  const unpack = archive.layers.map((layer) => `tar -xf '${layer}' -C '${tree}'`).join(' && ');
  return {
    work: 'many small files, to a file, uncompressed',
    ours: flatten(`docker-archive:${archive.file}`, ours, []),
    floor: {
      name: 'tar -x and tar -c of the layers',
      command: `mkdir '${tree}' && ${unpack} && tar -cf '${folder}/repacked.tar' -C '${tree}' .`,
      prepare: () => rm(tree, { recursive: true, force: true }),
    },
    peers: [umociAndTar(archive.file, folder)],
    bounds: [{ of: 'cpuSeconds', times: 0.5 }, memory],
  };
}

function digest(file: string): string {
  return `openssl dgst -sha256 '${file}' > /dev/null`;
}

function umociAndTar(archive: string, folder: string): Contestant {
  const work = join(folder, 'umoci');
  return {
    name: 'skopeo, umoci, tar -c',
    needs: ['skopeo', 'umoci'],
    command: [
      `mkdir '${work}'`,
      `skopeo copy -q --insecure-policy 'docker-archive:${archive}' 'oci:${work}/oci:1'`,
      `umoci raw unpack --image '${work}/oci:1' '${work}/tree'`,
      `tar -cf '${work}/flat.tar' -C '${work}/tree' .`,
    ].join(' && '),
    prepare: () => rm(work, { recursive: true, force: true }),
  };
}
