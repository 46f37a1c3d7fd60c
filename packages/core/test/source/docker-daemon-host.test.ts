import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { dockerError } from '../../src/source/docker-daemon-errors.ts';
import { dockerHost } from '../../src/source/docker-daemon-host.ts';
import { testFolder } from './test-sources.ts';

test.each<[string, object, string]>([
  ['unix:///run/d.sock', { socketPath: '/run/d.sock' }, 'unix:///run/d.sock'],
  ['unix://', { socketPath: '/var/run/docker.sock' }, 'unix:///var/run/docker.sock'],
  ['tcp://h', { host: 'h', port: '2375', protocol: 'http' }, 'tcp://h'],
  ['tcp://10.0.0.1:99', { host: '10.0.0.1', port: '99', protocol: 'http' }, 'tcp://10.0.0.1:99'],
  ['ssh://me@h', { host: 'h', port: '22', username: 'me', protocol: 'ssh' }, 'ssh://me@h'],
  ['ssh://me:secret@h:2222', { host: 'h', port: '2222', username: 'me' }, 'ssh://me@h:2222'],
])('%s', (text, options, label) => {
  const host = dockerHost(text, {});
  expect(host.options).toMatchObject(options);
  expect(host.label).toBe(label);
});

test.each([
  ['unix:///run/d.sock', { path: '/run/d.sock' }],
  ['tcp://h', { host: 'h', port: 2375 }],
  ['tcp://[::1]:99', { host: '::1', port: 99 }],
  ['ssh://me@h', undefined],
])('%s speaks plain HTTP at %o', (text, plain) => {
  expect(dockerHost(text, {}).plain).toEqual(plain);
});

test('what is not given is the usual socket', () => {
  expect(dockerHost(undefined, {}).label).toMatch(/^unix:\/\/.*docker\.sock$/);
  expect(dockerHost('', {}).label).toBe(dockerHost(undefined, {}).label);
});

test.each(['h:2375', 'npipe:////./pipe/docker', 'http://h', 'tcp://', 'nonsense'])(
  '%s is refused',
  (text) => {
    expect(() => dockerHost(text, {})).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  },
);

test.each([
  ['by its port', 'tcp://h:2376', {}],
  ['by the environment', 'tcp://h', { DOCKER_TLS_VERIFY: '1' }],
])('TCP is encrypted %s, with the certificates of the environment', async (_, text, environment) => {
  const { path } = await testFolder();
  for (const name of ['ca', 'cert', 'key']) await writeFile(`${path}/${name}.pem`, name);
  const { options, plain } = dockerHost(text, { ...environment, DOCKER_CERT_PATH: path });
  expect(plain).toBeUndefined();
  expect(options).toMatchObject({
    protocol: 'https',
    port: '2376',
    ca: Buffer.from('ca'),
    key: Buffer.from('key'),
  });
});

test('certificates that are not there are told by name', async () => {
  const { path } = await testFolder();
  expect(() => dockerHost('tcp://h:2376', { DOCKER_CERT_PATH: path })).toThrow(/ca\.pem can't be read/);
});

const fault = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

test.each([
  ['no socket', fault('ENOENT'), 'DOCKER_UNREACHABLE', /no such socket; start Docker or set DOCKER_HOST/],
  [
    'a socket of others',
    fault('EACCES'),
    'DOCKER_UNREACHABLE',
    /permission denied on the Docker socket unix:\/\/x/,
  ],
  ['nobody behind it', fault('ECONNREFUSED'), 'DOCKER_UNREACHABLE', /refused/],
  ['a host without an address', fault('ENOTFOUND'), 'DOCKER_UNREACHABLE', /ENOTFOUND; check DOCKER_HOST/],
  [
    'another fault',
    new Error('All configured\nauthentication methods failed'),
    'DOCKER_UNREACHABLE',
    /All configured authentication/,
  ],
  ['a connection that broke', fault('ECONNRESET'), 'DOCKER_FAILED', /while asking: it closed the connection/],
])('%s', (_, error, code, says) => {
  expect(dockerError('unix://x', 'asking', error)).toMatchObject({
    code,
    message: expect.stringMatching(says),
    cause: error,
  });
});
