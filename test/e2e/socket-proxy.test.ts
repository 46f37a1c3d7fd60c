import { join } from 'node:path';
import { engineVersion, parseReference, sourceFor } from '@dimgx/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { composeServices, overriddenServices } from '../support/containers/compose-file.ts';
import { allowListOf, type SocketProxy, startSocketProxy } from '../support/containers/socket-proxy.ts';
import { flattenToFile } from '../support/flattened-file.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { sharedPart } from '../support/parts/shared-parts.ts';
import { treeOfTar } from '../support/tree/tar-tree.ts';

const { own, temporary } = watchForLeaks();

const secrets = { DIMGX_API_KEY: 'k', REDIS_PASSWORD: 'r', S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 's' };
const variables = { ...secrets, DOCKER_GID: '999' };
const proxied = overriddenServices(variables);
const allows = allowListOf(proxied['socket-proxy']?.command ?? []);

test('the proxy has the socket, which the workers then have not', () => {
  const socket = '/var/run/docker.sock:/var/run/docker.sock';
  expect(composeServices(variables).worker?.volumes).toEqual([socket, 'spool:/spool']);
  expect(proxied['socket-proxy']).toMatchObject({
    volumes: [socket],
    networks: ['docker'],
    user: '65534:999',
  });
  expect(proxied.worker).toMatchObject({
    volumes: ['spool:/spool'],
    environment: { DOCKER_HOST: 'tcp://socket-proxy:2375' },
  });
});

describe('the allow-list of the proxy', () => {
  test.each([
    ['GET', '/images/debian:12/json'],
    ['GET', '/images/registry.example.org:5000/team/app_1@sha256:0123/json'],
    ['GET', '/images/sha256:0123456789abcdef/history'],
    ['GET', '/images/get'],
    ['GET', '/version'],
    ['POST', '/images/create'],
  ])('lets %s %s through', (method, path) => {
    expect(allows(method, path)).toBe(true);
  });

  test.each([
    ['POST', '/containers/create'],
    ['POST', '/containers/0123/exec'],
    ['GET', '/containers/json'],
    ['GET', '/images/../containers/0123/json'],
    ['GET', '/images/a/../../containers/0123/json'],
    ['GET', '/images/json'],
    ['GET', '/info'],
    ['POST', '/build'],
    ['POST', '/images/load'],
    ['POST', '/images/debian/push'],
    ['POST', '/images/create/../../containers/create'],
    ['DELETE', '/images/debian:12'],
  ])('stops %s %s', (method, path) => {
    expect(allows(method, path)).toBe(false);
  });
});

needs('realImages')('an engine behind the allow-list', () => {
  let proxy: SocketProxy;
  beforeEach(async () => {
    await sharedPart('realImages');
    proxy = await startSocketProxy((await sharedPart('docker')).socketPath, allows);
  });
  afterEach(() => proxy.stop());

  test('an image is inspected, saved and flattened', async () => {
    const file = join(own, 'flat.tar');
    await flattenToFile('docker-daemon:dimgx-test/odd:1', file, { dockerHost: proxy.host });
    expect((await treeOfTar(file)).problems).toEqual([]);
    expect(proxy.refused).toEqual([]);
    expect(proxy.passed).toContain('GET /images/get');
  });

  test('the engine tells its version', async () => {
    expect(await engineVersion(proxy.host, new AbortController().signal)).toMatch(/^\d+\.\d+/);
    expect(proxy).toMatchObject({ refused: [], passed: ['GET /version'] });
  });

  test('an image is pulled', async () => {
    // Nothing listens there, which the engine finds out.
    const reference = parseReference('docker-daemon:127.0.0.1:1/team/app:1');
    const source = sourceFor(reference, {
      signal: new AbortController().signal,
      pull: 'always',
      spoolFolder: temporary,
      dockerHost: proxy.host,
    });
    await expect(source.describe()).rejects.toMatchObject({ code: 'PULL_FAILED' });
    await source.close();
    expect(proxy).toMatchObject({ refused: [], passed: ['POST /images/create'] });
  });
});
