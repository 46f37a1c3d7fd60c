import { DimgxError } from '@dimgx/core';
import type { z } from 'zod';
import { type Configuration, configurationSchema, type SettingName } from './configuration-schema.ts';
import { nearestName } from './nearest-name.ts';
import { type Setting, settings } from './setting.ts';

const longestShown = 60;

/** Options of the command line that are settings too, as they were typed; they go before the environment. */
export type Flags = Partial<Record<SettingName, string | undefined>>;

/** What is wrong with a setting. */
interface Fault {
  readonly name: SettingName;
  readonly message: string;
  readonly value?: string | undefined;
}

export interface ConfigurationWanted<Name extends SettingName, Needed extends Name> {
  readonly names: readonly Name[];
  /** Those of them that must be there. */
  readonly needed: readonly Needed[];
}

/** The settings that were asked for. */
export type Settings<Name extends SettingName, Needed extends Name> = Pick<Configuration, Name> & {
  readonly [Key in Needed]: NonNullable<Configuration[Key]>;
};

/**
 * Settings out of options and environment; an empty variable counts as none. Throws `CONFIG_INVALID`, which tells
 * all faults at once.
 */
export function readConfiguration<Name extends SettingName, Needed extends Name>(
  wanted: ConfigurationWanted<Name, Needed>,
  flags: Flags,
  environment: NodeJS.ProcessEnv,
): Settings<Name, Needed> {
  const faults: Fault[] = [];
  const configuration: Partial<Configuration> = {};
  for (const name of wanted.names) {
    const value = flags[name] ?? variableOf(environment, settingOf(name));
    const parsed = configurationSchema.shape[name].safeParse(value);
    if (!parsed.success) faults.push({ name, message: messageOf(parsed.error), value });
    else Object.assign(configuration, { [name]: parsed.data });
  }
  for (const name of wanted.needed) {
    const isFaulty = faults.some((fault) => fault.name === name);
    if (!isFaulty && configuration[name] === undefined) faults.push({ name, message: 'must be set' });
  }
  faults.push(...halfCredentials(configuration));
  if (faults.length > 0) throw new DimgxError('CONFIG_INVALID', faults.map(faultLine).join('; '));
  // Each of the names has been filled in above, and each of the needed ones with a value.
  return configuration as Settings<Name, Needed>;
}

const pairs = [
  ['awsAccessKeyId', 'awsSecretAccessKey'],
  ['redisCertFile', 'redisKeyFile'],
] as const;

function halfCredentials(configuration: Partial<Configuration>): Fault[] {
  return pairs.flatMap((pair) => {
    const missing = pair.filter((name) => configuration[name] === undefined);
    if (missing.length !== 1) return [];
    return missing.map((name) => ({
      name,
      message: 'must be set too, as the other half of the credentials is',
    }));
  });
}

/** Variables that look like ours but are none: a misspelt one would be no setting at all, without a word. */
export function unknownVariables(environment: NodeJS.ProcessEnv): string[] {
  const known = settingNames.map((name) => settingOf(name).variable).flatMap(ownName);
  return Object.keys(environment)
    .flatMap(ownName)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const guess = nearestName(name, known);
      return `${prefix}${name} is no setting${guess === undefined ? '' : `; did you mean ${prefix}${guess}?`}`;
    });
}

const prefix = 'DIMGX_';

function ownName(variable: string): string[] {
  return variable.startsWith(prefix) ? [variable.slice(prefix.length)] : [];
}

export const settingNames = Object.keys(configurationSchema.shape) as readonly SettingName[];

export function settingOf(name: SettingName): Setting {
  const setting = settings.get(configurationSchema.shape[name]);
  if (setting === undefined) throw new DimgxError('INTERNAL', `the setting ${name} is not described`);
  return setting;
}

function variableOf(environment: NodeJS.ProcessEnv, { variable }: Setting): string | undefined {
  const value = environment[variable];
  return value === '' ? undefined : value;
}

function messageOf(error: z.ZodError): string {
  return error.issues[0]?.message ?? 'is invalid';
}

function faultLine({ name, message, value }: Fault): string {
  const { variable, flag, hidden } = settingOf(name);
  const shownName = flag === undefined ? variable : `${variable} or ${flag}`;
  if (hidden === true || value === undefined) return `${shownName} ${message}`;
  const shown = value.length > longestShown ? `${value.slice(0, longestShown)}…` : value;
  return `${shownName} ${message}, not ${JSON.stringify(shown)}`;
}
