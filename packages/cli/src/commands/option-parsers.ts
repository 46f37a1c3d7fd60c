import { DimgxError, patternFault } from '@dimgx/core';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** For an option that may be given several times. */
export function collect(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

/** What was collected as `NAME=VALUE`. Throws `USAGE`, naming the option. */
export function namedValues(option: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new DimgxError('USAGE', `${option} ${text}: must be NAME=VALUE`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** For an option that takes a whole number. */
export function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(value);
}

/** For an option that takes a number of things of which none makes no sense. */
export function numberFromOne(value: string): number {
  const number = wholeNumber(value);
  if (number === 0) throw new InvalidArgumentError('It must be 1 at least.');
  return number;
}

/** For an option that takes patterns of paths and may be given several times. */
export function collectPatterns(value: string, earlier: readonly string[] | undefined): string[] {
  const fault = patternFault(value);
  if (fault !== undefined) throw new InvalidArgumentError(`It ${fault}.`);
  return collect(value, earlier);
}

/** Gives a command an option that must be there. Unlike commander's own, a misspelt one is told before it is missed. */
export function addNeededOption(command: Command, flags: string, description: string): Command {
  const option = new Option(flags, description);
  return command.addOption(option).hook('preAction', () => {
    if (command.getOptionValue(option.attributeName()) === undefined) {
      command.error(`error: required option '${flags}' not specified`);
    }
  });
}
