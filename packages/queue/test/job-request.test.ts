import { expect, test } from 'vitest';
import { jobRequestSchema } from '../src/job-request.ts';
import { plainWords } from '../src/plain-words.ts';
import { requestFaults } from '../src/request-faults.ts';

const image = 'docker-daemon:debian:12';

test('an image is enough; kind, pool and priority are filled in', () => {
  expect(jobRequestSchema.parse({ image })).toEqual({
    image,
    kind: 'flatten',
    pool: 'default',
    priority: 'normal',
  });
});

test('a request with everything is taken as it is, also a second time', () => {
  const request = {
    image,
    kind: 'flatten',
    layers: ['@0', 'abc:def'],
    platform: 'linux/arm64/v8',
    compression: { algorithm: 'zstd', level: 19 },
    include: ['etc/**'],
    exclude: ['**/*.md'],
    destination: { key: 'exports/debian.tar.zst' },
    pool: 'arm-1',
    pull: 'always',
    priority: 'high',
    timeoutSeconds: 60,
    callback: { url: 'https://example.org/hook?run=42' },
    labels: { team: 'fleet', 'dimgx.example/run': '42' },
    passthrough: { run: [42, null, { deep: true }] },
    force: true,
  };
  const parsed = jobRequestSchema.parse(request);
  expect(parsed).toEqual(request);
  expect(jobRequestSchema.parse(parsed)).toEqual(request);
});

const rows: [situation: string, request: object, path: string, message: RegExp][] = [
  ['no image', {}, 'image', /^is missing$/],
  ['an empty image', { image: '' }, 'image', /^must not be empty$/],
  ['an image with a line break', { image: 'a\nb' }, 'image', /printable/],
  ['an image of 2 KiB', { image: 'a'.repeat(2048) }, 'image', /^must have 1024 characters at the most$/],
  ['a number for the image', { image: 5 }, 'image', /^must be a text$/],
  ['a field of no meaning', { image, colour: 'red' }, 'colour', /^is no field that is known here$/],
  ['an unknown kind', { image, kind: 'squash' }, 'kind', /^must be flatten or inspect$/],
  [
    'a level off the scale',
    { image, compression: { algorithm: 'gzip', level: 10 } },
    'compression/level',
    /1 to 9/,
  ],
  [
    'a level for none',
    { image, compression: { algorithm: 'none', level: 1 } },
    'compression/level',
    /no levels/,
  ],
  [
    'a fraction of a level',
    { image, compression: { algorithm: 'zstd', level: 1.5 } },
    'compression/level',
    /^must be a whole number$/,
  ],
  [
    'an unknown algorithm',
    { image, compression: { algorithm: 'lz4' } },
    'compression/algorithm',
    /^must be none, .* or \w+$/,
  ],
  [
    'an unknown field below',
    { image, compression: { algorithm: 'gzip', window: 1 } },
    'compression/window',
    /^is no field that is known here$/,
  ],
  ['a platform without its architecture', { image, platform: 'linux' }, 'platform', /os\/arch/],
  ['a key that climbs out', { image, destination: { key: '../x.tar' } }, 'destination/key', /segments/],
  ['an absolute key', { image, destination: { key: '/x.tar' } }, 'destination/key', /segments/],
  ['a pool with a colon', { image, pool: 'a:b' }, 'pool', /a-z/],
  ['an unknown priority', { image, priority: 'urgent' }, 'priority', /^must be low, normal or high$/],
  ['an unknown pull policy', { image, pull: 'sometimes' }, 'pull', /^must be missing, always or never$/],
  ['no time at all', { image, timeoutSeconds: 0 }, 'timeoutSeconds', /^must be 1 at least$/],
  ['more than a week', { image, timeoutSeconds: 604_801 }, 'timeoutSeconds', /^must be 604800 at the most$/],
  ['a callback that is no URL', { image, callback: { url: '/hook' } }, 'callback/url', /must be a URL/],
  [
    'a callback without end',
    { image, callback: { url: `https://${'a'.repeat(2048)}` } },
    'callback/url',
    /must have 2048 characters at the most/,
  ],
  [
    'a callback with more',
    { image, callback: { url: 'https://a', 's/~': 's' } },
    'callback/s~1~0',
    /no field/,
  ],
  ['4 KiB to pass through', { image, passthrough: 'x'.repeat(4095) }, 'passthrough', /4096 bytes/],
  ['no layers', { image, layers: [] }, 'layers', /^must not be empty$/],
  ['a layer spec that is none', { image, layers: ['@0', 'top'] }, 'layers/1', /"top" is no layer/],
  ['65 labels', { image, labels: labels(65) }, 'labels', /64/],
  [
    'a label of 257 characters',
    { image, labels: { a: 'x'.repeat(257) } },
    'labels/a',
    /^must have 256 characters at the most$/,
  ],
  ['a label without a name', { image, labels: { '': 'x' } }, 'labels/', /^is no name that is allowed$/],
  [
    'compression of an inspection',
    { image, kind: 'inspect', compression: { algorithm: 'none' } },
    'compression',
    /inspect/,
  ],
  ['a destination of an inspection', { image, kind: 'inspect', destination: {} }, 'destination', /inspect/],
];

function labels(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`l${at}`, 'x']));
}

test.each(rows)('refused: %s', (_situation, request, path, message) => {
  const parsed = jobRequestSchema.safeParse(request, { error: plainWords });
  const faults = parsed.success ? [] : requestFaults(parsed.error);
  expect(faults.map(({ pointer }) => pointer)).toContain(`/${path}`);
  expect(faults.map(({ detail }) => detail).join('; ')).toMatch(message);
});

test('64 labels are taken', () => {
  expect(jobRequestSchema.safeParse({ image, labels: labels(64) }).success).toBe(true);
});
