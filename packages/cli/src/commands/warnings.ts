import { unknownVariables } from '../configuration/configuration.ts';
import { oneLine } from '../error-line.ts';

/** A line on stderr, which belongs to all that is not the result. */
export function warn(message: string): void {
  process.stderr.write(`dimgx: warning: ${oneLine(message)}\n`);
}

/** Before settings are read: what is missing may only be misspelt. */
export function warnOfUnknownVariables(): void {
  for (const message of unknownVariables(process.env)) warn(message);
}
