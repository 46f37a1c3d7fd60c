import { spawnSync } from 'node:child_process';
import { gzipSync, zstdCompressSync } from 'node:zlib';

export type TestCompression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

/** `bytes` in one compressed frame. xz and bzip2 come from the system's tools. */
export function compressed(bytes: Buffer, compression: TestCompression): Buffer {
  switch (compression) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(bytes);
    case 'zstd':
      return zstdCompressSync(bytes);
    default:
      return compressedBy(compression, bytes);
  }
}

function compressedBy(command: string, bytes: Buffer): Buffer {
  const { status, stdout, error } = spawnSync(command, ['-c'], { input: bytes, maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`${command} failed`, { cause: error });
  return stdout;
}
