import { jobRequestSchema } from '@dimgx/queue';
import { expect, test } from 'vitest';
import { keyWarning, submitRequest } from '../src/commands/submit-request.ts';

test('an image alone is all that is asked for', () => {
  expect(JSON.parse(JSON.stringify(submitRequest('app:1', {})))).toEqual({ image: 'app:1' });
});

test('every option becomes a field that the service takes', () => {
  const request = submitRequest('app:1', {
    ...{ kind: 'flatten', layers: ['@0'], platform: 'linux/arm64', compression: 'gzip', compressLevel: 9 },
    ...{ include: ['etc/**'], exclude: ['tmp/**'], key: 'a/b.tar.gz', force: true, pull: 'never' },
    ...{ pool: 'gpu', priority: 'high', timeout: 60, label: ['team=web', 'why=a=b'] },
    ...{ callback: 'https://example.org/hook', passthrough: '{"run": 42}', wait: true, json: true },
  });
  expect(jobRequestSchema.parse(JSON.parse(JSON.stringify(request)))).toEqual({
    ...{ image: 'app:1', kind: 'flatten', layers: ['@0'], platform: 'linux/arm64' },
    compression: { algorithm: 'gzip', level: 9 },
    ...{ include: ['etc/**'], exclude: ['tmp/**'], destination: { key: 'a/b.tar.gz' }, force: true },
    ...{ pull: 'never', pool: 'gpu', priority: 'high', timeoutSeconds: 60 },
    labels: { team: 'web', why: 'a=b' },
    callback: { url: 'https://example.org/hook' },
    passthrough: { run: 42 },
  });
});

test('a level alone is one of zstd', () => {
  expect(submitRequest('a', { compressLevel: 19 }).compression).toEqual({ algorithm: 'zstd', level: 19 });
});

test.each([
  [{ label: ['team'] }, '--label team: must be NAME=VALUE'],
  [{ label: ['=web'] }, '--label =web: must be NAME=VALUE'],
  [{ passthrough: '{run: 42}' }, '--passthrough must be JSON'],
])('what can not be a request is wrong usage: %j', (flags, message) => {
  expect(() => submitRequest('a', flags)).toThrow(message);
});

test.each([
  ['one that fits', { key: 'a/x.tar.zst' }, undefined],
  [
    'one that promises another',
    { key: 'a/x.tar.gz' },
    /compressed by zstd, its name x\.tar\.gz says otherwise/,
  ],
  [
    'one of what is not compressed',
    { key: 'x.tar.zst', compression: 'none' },
    /is not compressed, .* x\.tar\.zst/,
  ],
  ['none', { compression: 'none' }, undefined],
] as const)('a key is held against the compression: %s', (_which, flags, warning) => {
  if (warning === undefined) expect(keyWarning(flags)).toBeUndefined();
  else expect(keyWarning(flags)).toMatch(warning);
});
