import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { DimgxError, systemCode } from '@dimgx/core';

/** The text of a file that was named on the command line; `-` is stdin. Throws `USAGE`. */
export async function inputText(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new DimgxError('USAGE', `${file} can't be read: ${systemCode(cause) ?? 'unknown fault'}`, {
      cause,
    });
  }
}
