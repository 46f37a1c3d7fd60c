import { execFileSync } from 'node:child_process';

/** What GNU tar lists, in the order of the archive; of a folder the name ends with a slash. */
export function namesInTar(tar: Buffer): string[] {
  return execFileSync('tar', ['-t'], { input: tar, encoding: 'utf8' }).trimEnd().split('\n');
}
