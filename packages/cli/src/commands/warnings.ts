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
