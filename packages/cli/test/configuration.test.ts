import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  readConfiguration,
  settingNames,
  settingOf,
  unknownVariables,
} from '../src/configuration/configuration.ts';
import { configurationSchema } from '../src/configuration/configuration-schema.ts';
import { s3Names, s3Settings } from '../src/configuration/store-settings.ts';

const all = { names: settingNames, needed: [] };

function faultOf(environment: NodeJS.ProcessEnv, flags = {}): string {
  try {
    readConfiguration(all, flags, environment);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'none';
}

describe('reading', () => {
  test('an option goes before its variable, and a variable before the default', () => {
    const { host, port, data } = readConfiguration(
      all,
      { port: '1' },
      { DIMGX_PORT: '2', DIMGX_HOST: '::1' },
    );
    expect({ host, port, data }).toEqual({ host: '::1', port: 1, data: './data' });
  });

  test('an empty variable counts as none', () => {
    expect(readConfiguration(all, {}, { DIMGX_PORT: '', REDIS_URL: '' })).toMatchObject({ port: 8080 });
  });

  test('lists are taken apart', () => {
    const environment = { DIMGX_FILE_SOURCES: '/a:/b c', DIMGX_POOLS: 'default, gpu' };
    expect(readConfiguration(all, {}, environment)).toMatchObject({
      fileSources: ['/a', '/b c'],
      pools: ['default', 'gpu'],
    });
  });

  test('settings of other commands are not looked at', () => {
    expect(readConfiguration({ names: ['host'], needed: [] }, {}, { DIMGX_PORT: 'x' })).toEqual({
      host: '127.0.0.1',
    });
  });
});

describe('faults', () => {
  test('are told all at once', () => {
    expect(faultOf({ DIMGX_FILE_SOURCES: 'a', DIMGX_STORE: 'ftp://x' }, { port: '65536' })).toBe(
      'DIMGX_PORT or --port must be a whole number from 0 to 65535, not "65536"; ' +
        'DIMGX_STORE must be file:DIR or s3://BUCKET[/PREFIX], a bucket of 3 to 63 characters, not "ftp://x"; ' +
        'DIMGX_FILE_SOURCES must be absolute folders, colon-separated, not "a"',
    );
  });

  test('name what is needed and missing', () => {
    expect(() =>
      readConfiguration({ names: ['redisUrl', 'store'], needed: ['redisUrl', 'store'] }, {}, {}),
    ).toThrow('REDIS_URL must be set; DIMGX_STORE must be set');
  });

  test('one half of the S3 credentials wants the other', () => {
    expect(faultOf({ AWS_ACCESS_KEY_ID: 'x' })).toBe(
      'AWS_SECRET_ACCESS_KEY must be set too, as the other half of the credentials is',
    );
  });

  test.each([
    ['REDIS_URL', 'http://:geheim@host'],
    ['DIMGX_API_KEY', 'geheim'],
    ['DIMGX_SECRETS_KEY', 'geheim'],
    ['S3_ENDPOINT', 'ftp://user:geheim@host'],
    ['DIMGX_URL', 'ftp://user:geheim@host'],
    ['DIMGX_URL', 'http://user:geheim@host'],
    ['DIMGX_TOKEN', 'geheim b'],
  ])('never show the value of %s', (variable, value) => {
    const fault = faultOf({ [variable]: value });
    expect(fault).toMatch(new RegExp(`^${variable} must (be|have) `));
    expect(fault).not.toContain('geheim');
  });

  test.each([
    ['DIMGX_PORT', '-1'],
    ['DIMGX_PORT', '1e3'],
    ['DIMGX_PORT', ' 1'],
    ['DIMGX_WORKERS', '0'],
    ['DIMGX_POOLS', 'a,,b'],
    ['DIMGX_POOLS', 'A'],
    ['DIMGX_LOG_LEVEL', 'loud'],
    ['S3_FORCE_PATH_STYLE', 'yes'],
    ['S3_CHECKSUMS', 'always'],
    ['DIMGX_STORE', 's3://'],
    ['DOCKER_HOST', '/var/run/docker.sock'],
    ['REDIS_URL', 'redis://'],
  ])('%s=%s is one', (variable, value) => expect(faultOf({ [variable]: value })).toMatch(variable));
});

describe('variables that are no settings', () => {
  test('are told with a guess', () => {
    expect(
      unknownVariables({
        DIMGX_HSOT: 'x',
        DIMGX_TPM: '/t',
        DIMGX_WORKER: '1',
        DIMGX_COLOUR: 'red',
        PATH: '/bin',
      }),
    ).toEqual([
      'DIMGX_HSOT is no setting; did you mean DIMGX_HOST?',
      'DIMGX_TPM is no setting; did you mean DIMGX_TMP?',
      'DIMGX_WORKER is no setting; did you mean DIMGX_WORKERS?',
      'DIMGX_COLOUR is no setting',
    ]);
  });
});

describe('the settings of an S3 store', () => {
  const read = (environment: NodeJS.ProcessEnv) =>
    s3Settings(readConfiguration({ names: s3Names, needed: [] }, {}, environment));

  test('are left to the store where nothing is set', () => expect(read({})).toEqual({}));

  test('are all passed on', () => {
    expect(
      read({
        S3_ENDPOINT: 'http://s3:9000',
        S3_PUBLIC_ENDPOINT: 'https://s3.example.org',
        S3_FORCE_PATH_STYLE: 'false',
        S3_CHECKSUMS: 'when-supported',
        AWS_REGION: 'eu-1',
        AWS_ACCESS_KEY_ID: 'id',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_SESSION_TOKEN: 'token',
      }),
    ).toEqual({
      endpoint: 'http://s3:9000',
      publicEndpoint: 'https://s3.example.org',
      forcePathStyle: false,
      checksums: 'when-supported',
      region: 'eu-1',
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' },
    });
  });
});

describe('the table of docs/configuration.md', () => {
  const documented = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => /^\| `[A-Z]/.test(line));

  test('has a row for each setting as the schema has it, and no other', () => {
    expect(documented).toEqual(settingNames.map(tableRow));
  });

  test.each(settingNames.map((name) => [settingOf(name).variable, name] as const))(
    'the example of %s is a valid one',
    (_variable, name) => {
      expect(configurationSchema.shape[name].safeParse(settingOf(name).example).success).toBe(true);
    },
  );
});

function tableRow(name: (typeof settingNames)[number]): string {
  const { variable, flag, meaning, default: described, example } = settingOf(name);
  const fixed: unknown = configurationSchema.shape[name].safeParse(undefined).data;
  const flagCell = flag === undefined ? '' : `\`${flag}\``;
  return `| \`${variable}\` | ${flagCell} | ${described ?? `\`${String(fixed)}\``} | ${meaning} | \`${example}\` |`;
}
