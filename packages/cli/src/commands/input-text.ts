import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { DimgxError, systemCode } from '@dimgx/core';

/** The text of a file that was named on the command line; `-` is stdin. Throws `USAGE`. */
export async function inputText(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const why = reasons[systemCode(cause) ?? ''];
    // What has no words of ours is told by its cause.
    if (why === undefined) throw new DimgxError('USAGE', `${file} can't be read`, { cause });
    throw new DimgxError('USAGE', `${file} ${why}`);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder, not a file',
  EACCES: "can't be read: permission denied",
  ENOTDIR: 'lies below what is no folder',
};
