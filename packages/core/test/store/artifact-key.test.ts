import { describe, expect, test } from 'vitest';
import { digestOf } from '../../src/image/digest.ts';
import type { ImageDescription } from '../../src/image/image.ts';
import {
  type ArtifactName,
  artifactName,
  type FlattenChoices,
  keyFault,
  sidecarKey,
} from '../../src/store/artifact-key.ts';
import { imageDescription } from './image-description.ts';

const zstd: FlattenChoices = { compression: { algorithm: 'zstd', level: 3 } };

describe('the key of an artifact', () => {
  test('is repository, image and fingerprint', () => {
    const image = imageDescription({ digest: digestOf('the image') });
    const { key, fingerprint } = artifactName(image, zstd);
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(key).toBe(`debian/${digestOf('the image').slice(7, 19)}/${fingerprint}.tar.zst`);
    expect(sidecarKey(key)).toBe(`${key}.json`);
  });

  test('stays the same from release to release, or the store forgets all its artifacts', () => {
    expect(artifactName(imageDescription(), zstd).fingerprint).toBe(
      '5752ac70985d8ceee9ff4999525ca8b627695c1178d8312a060ae59ea2382525',
    );
  });

  test.each([
    ['none', '.tar'],
    ['gzip', '.tar.gz'],
    ['zstd', '.tar.zst'],
    ['xz', '.tar.xz'],
    ['bzip2', '.tar.bz2'],
  ] as const)('of %s ends in %s', (algorithm, suffix) => {
    const { key, fingerprint } = artifactName(imageDescription(), { compression: { algorithm } });
    expect(key.slice(key.indexOf(fingerprint) + fingerprint.length)).toBe(suffix);
  });

  test('is the one that the request names', () => {
    const plain = artifactName(imageDescription(), zstd);
    expect(artifactName(imageDescription(), zstd, 'exports/nightly.tar.zst')).toEqual({
      key: 'exports/nightly.tar.zst',
      fingerprint: plain.fingerprint,
    });
  });

  test('can not be anything that a request names', () => {
    expect(() => artifactName(imageDescription(), zstd, '../escape')).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID' }),
    );
  });
});

describe('the fingerprint', () => {
  const plain = artifactName(imageDescription(), zstd);
  const elsewhere = { ...zstd, spoolFolder: '/tmp', limits: { entries: 5 } };
  const of = (image: Partial<ImageDescription>, choices: Partial<FlattenChoices> = {}): ArtifactName =>
    artifactName(imageDescription(image), { ...zstd, ...choices });

  test.each<[string, ArtifactName]>([
    ['another image', of({ digest: digestOf('another') })],
    ['another platform', of({ platform: { os: 'linux', architecture: 'arm64' } })],
    ['fewer layers', of({}, { layers: [0, 1] })],
    ['another order of the layers', of({}, { layers: [2, 1, 0] })],
    ['another algorithm', of({}, { compression: { algorithm: 'gzip', level: 3 } })],
    ['another level', of({}, { compression: { algorithm: 'zstd', level: 4 } })],
    ['whiteouts kept', of({}, { keepWhiteouts: true })],
    ["eStargz's files dropped", of({}, { dropEstargz: true })],
    ['something included', of({}, { include: ['etc/**'] })],
    ['the same excluded', of({}, { exclude: ['etc/**'] })],
    ['more included', of({}, { include: ['etc/**', 'usr/**'] })],
  ])('changes with %s', (_, { fingerprint }) => {
    expect(fingerprint).not.toBe(plain.fingerprint);
  });

  test.each<[string, ArtifactName]>([
    ['the name of the image', of({ reference: 'docker://registry.example/debian:12', repoTags: ['x:1'] })],
    ['all layers, named', of({}, { layers: [0, 1, 2] })],
    ['whiteouts not kept, named', of({}, { keepWhiteouts: false })],
    ["eStargz's files not dropped, named", of({}, { dropEstargz: false })],
    ['empty lists of patterns', of({}, { include: [], exclude: [] })],
    ['what else it is asked to do', artifactName(imageDescription(), elsewhere)],
  ])('does not change with %s', (_, { fingerprint }) => {
    expect(fingerprint).toBe(plain.fingerprint);
  });

  test('does not depend on the order of patterns', () => {
    const some = of({}, { include: ['etc/**', 'usr/**'] });
    expect(of({}, { include: ['usr/**', 'etc/**', 'usr/**'] }).fingerprint).toBe(some.fingerprint);
  });
});

describe("a request's key", () => {
  test.each(['a', 'exports/2026-11-24/debian.tar.zst', `${'d/'.repeat(131)}${'k'.repeat(250)}`])(
    'may be %s',
    (key) => {
      expect(keyFault(key)).toBeUndefined();
    },
  );

  test.each([
    ['climbing', '../x.tar'],
    ['absolute', '/x.tar'],
    ['a sidecar', 'x.tar.json'],
    ['hidden', 'a/.x'],
    ['of 513 bytes', `${'d/'.repeat(256)}k`],
    ['with a name that leaves no room for the sidecar', 'k'.repeat(251)],
  ])('may not be %s', (_, key) => {
    expect(keyFault(key)).toEqual(expect.any(String));
  });
});
