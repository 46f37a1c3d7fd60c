import { afterEach, expect, test, vi } from 'vitest';
import { DimgxClient } from '../src/index.ts';
import { serviceAddress } from '../src/requests/service-address.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const there = 'https://dimgx.example.org';
const page = { origin: 'https://page.example.org' };

const here = 'http://127.0.0.1:8080';
const both = { DIMGX_URL: there, DIMGX_TOKEN: 'k' };
const token = 'own';

test.each([
  ['without any word', {}, {}, undefined, { url: here }],
  ['as the environment says', {}, both, undefined, { url: there, token: 'k' }],
  ['with a key of its own', { token }, both, undefined, { url: there, token }],
  ['empty variables are none', {}, { DIMGX_URL: '', DIMGX_TOKEN: '' }, undefined, { url: here }],
  ['where a page came from', {}, {}, page, { url: page.origin }],
  ['a page without a server', {}, {}, { origin: 'null' }, { url: here }],
  ['no key of the environment goes elsewhere', { url: there }, both, page, { url: there }],
])('a service is found: %s', (_how, given, environment, location, found) => {
  const set: Readonly<Record<string, string>> = environment;
  for (const name of ['DIMGX_URL', 'DIMGX_TOKEN']) vi.stubEnv(name, set[name]);
  vi.stubGlobal('location', location);
  expect(serviceAddress(given)).toEqual({ token: undefined, ...found });
});

test('also where there is no environment', () => {
  vi.stubGlobal('process', undefined);
  vi.stubGlobal('location', page);
  expect(serviceAddress({})).toEqual({ url: page.origin, token: undefined });
});

test('a client can be made without options', () => {
  expect(() => new DimgxClient()).not.toThrow();
});
