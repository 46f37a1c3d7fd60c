import { dimgxVersion } from '@dimgx/core';
import { describe, expect, test } from 'vitest';
import {
  readConfiguration,
  settingNames,
  settingOf,
} from '../../packages/cli/src/configuration/configuration.ts';
import {
  composeServices,
  overriddenServices,
  rootFile,
  variablePattern,
} from '../support/containers/compose-file.ts';

const required = {
  DIMGX_API_KEY: 'k'.repeat(32),
  REDIS_PASSWORD: 'r'.repeat(32),
  S3_ACCESS_KEY: 'a'.repeat(20),
  S3_SECRET_KEY: 's'.repeat(40),
  DOCKER_GID: '999',
};
const files = ['docker-compose.yml', 'docker-compose.socket-proxy.yml'] as const;

const services = composeServices(required);
const proxied = overriddenServices(required);
const { api, worker, redis, s3 } = services;
/** Those that stay up. */
const lasting = Object.entries({ ...services, 'socket-proxy': proxied['socket-proxy'] }).filter(
  ([name]) => name !== 'bucket',
);
const ours = Object.entries({ api, worker });

/** Of a Dockerfile's instruction, what follows it; with several, one each. */
function instructions(name: string): string[] {
  const lines = rootFile('Dockerfile').replaceAll('\\\n', '').split('\n');
  return lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
}

describe('images', () => {
  const images = [...lasting.map(([, service]) => service?.image), services.bucket?.image];
  test.each(images)('%s is of a certain version', (image) => {
    expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+[\w.-]*$/);
  });

  test('ours is of this version, and built from the base that the Dockerfile names', () => {
    for (const [, service] of ours) {
      expect(service).toMatchObject({ image: `dimgx:${dimgxVersion}`, pull_policy: 'build' });
      expect(instructions('ARG')).toEqual([`BASE=${service?.build?.args.BASE}`]);
    }
    expect(instructions('FROM')).toEqual([
      expect.stringMatching(/^\$\{BASE\}/),
      expect.stringMatching(/^\$\{BASE\}/),
    ]);
  });

  test('the gateway and what makes its bucket are the same', () => {
    expect(services.bucket?.image).toBe(s3?.image);
  });
});

describe.each(lasting)('%s', (_, service) => {
  test('is started again and has a health check', () => {
    expect(service?.restart).toBe('unless-stopped');
    const inherited = service?.build === undefined ? [] : instructions('HEALTHCHECK');
    expect([service?.healthcheck?.test, ...inherited].filter((check) => check !== undefined)).toHaveLength(1);
  });

  test('can do no more than it must', () => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service?.cap_add ?? []).toEqual([]);
    expect(service?.user ?? instructions('USER')[0]).not.toMatch(/^(root|0)?(:|$)/);
  });

  test('is reached from this machine alone', () => {
    for (const port of service?.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test('waits for what becomes healthy', () => {
    for (const [name, { condition }] of Object.entries(service?.depends_on ?? {})) {
      expect(condition).toBe(name === 'bucket' ? 'service_completed_successfully' : 'service_healthy');
    }
  });
});

test('Redis is published nowhere, loses nothing and evicts nothing', () => {
  expect(redis).toMatchObject({ ports: [], networks: ['queue'], volumes: ['redis:/data'] });
  expect(redis?.command?.join(' ')).toMatch(/--maxmemory-policy noeviction --appendonly yes/);
});

test('there may be many workers: no port, and time to end their jobs', () => {
  expect(worker).toMatchObject({ ports: [], stop_grace_period: '1m' });
});

test('the bucket is made once', () => {
  expect(services.bucket).toMatchObject({ restart: 'no', network_mode: 'none', read_only: true });
  expect(services.bucket?.entrypoint?.join(' ')).toContain(
    api?.environment.DIMGX_STORE?.replace('s3://', '/'),
  );
});

describe('settings', () => {
  const known = settingNames.map((name) => settingOf(name).variable);

  test.each(ours)('of %s are all known', (_, service) => {
    expect(Object.keys(service?.environment ?? {}).filter((name) => !known.includes(name))).toEqual([]);
  });

  test.each(ours)('of %s are valid', (_, service) => {
    const wanted = { names: settingNames, needed: ['redisUrl', 'store'] } as const;
    const { redisUrl } = readConfiguration(wanted, {}, service?.environment ?? {});
    expect(redisUrl).toBe(`redis://:${required.REDIS_PASSWORD}@redis:6379`);
  });

  test('of the image are known', () => {
    const names = [...(instructions('ENV')[0] ?? '').matchAll(/(\w+)=/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !known.includes(name ?? ''))).toEqual([]);
  });
});

describe('secrets', () => {
  test.each(files)('%s has none, and no default for one', (file) => {
    const secrets = [...rootFile(file).matchAll(/(\w*(?:KEY|SECRET|PASSWORD|AUTH|TOKEN)\w*): (.*)/g)];
    for (const [, , value] of secrets) expect(value).toMatch(/^\$\{\w+:\?[^}]*\}$/);
    expect(secrets.length).toBe(file === 'docker-compose.yml' ? 6 : 0);
  });

  test.each(Object.keys(required))('%s must be given', (name) => {
    expect(() => composeServices({ ...required, [name]: '' })).toThrow(`variable ${name} is missing`);
  });

  test('.env.example asks for what must be given, and knows the rest', () => {
    const lines = rootFile('.env.example').split('\n');
    const asked = lines.filter((line) => /^\w/.test(line));
    expect(asked).toEqual(Object.keys(required).map((name) => `${name}=`));
    const defaults = lines.flatMap((line) => /^#(\w+)=(.*)$/.exec(line)?.slice(1, 3).join('=') ?? []);
    const used = files.flatMap((file) => [...rootFile(file).matchAll(variablePattern)]);
    const optional = used.flatMap(([, name, sign, value]) => (sign === '-' ? [`${name}=${value}`] : []));
    expect(defaults.toSorted()).toEqual([...new Set(optional)].toSorted());
  });
});
