import { access, constants, stat } from 'node:fs/promises';
import { systemCode } from '@dimgx/core';
import { unknownVariables } from '../configuration/configuration.ts';
import { oneLine } from '../error-line.ts';

/** A line on stderr, which belongs to all that is not the result. */
export function say(message: string): void {
  process.stderr.write(`${oneLine(message)}\n`);
}

/** A warning there. */
export function warn(message: string): void {
  say(`dimgx: warning: ${message}`);
}

/** Before settings are read: what is missing may only be misspelt. */
export function warnOfUnknownVariables(): void {
  for (const message of unknownVariables(process.env)) warn(message);
}

/** Of folders for images that none can be read from: to a job they are the same as folders that nobody allowed. */
export async function warnOfFileSources(folders: readonly string[]): Promise<void> {
  const faults = await Promise.all(folders.map(folderFault));
  const told = faults.flatMap((fault, at) => (fault === undefined ? [] : [`${folders[at]} ${fault}`]));
  if (told.length > 0) warn(`DIMGX_FILE_SOURCES: ${told.join(', ')}; jobs can't read images from them`);
}

async function folderFault(folder: string): Promise<string | undefined> {
  try {
    if (!(await stat(folder)).isDirectory()) return 'is no folder';
    await access(folder, constants.X_OK);
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    return code === 'ENOENT' ? 'is not there' : `can't be read (${code})`;
  }
}
