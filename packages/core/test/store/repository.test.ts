import { expect, test } from 'vitest';
import { digestFromHex } from '../../src/image/digest.ts';
import { parseImageReference } from '../../src/image/reference.ts';
import { repositoryFolder, repositoryOf } from '../../src/store/repository.ts';
import { imageDescription } from './image-description.ts';

const configDigest = digestFromHex('0123456789ab'.padEnd(64, 'f'));
const long = 'a'.repeat(200);

test.each<[reference: string, repoTags: string[], expected: string]>([
  ['docker-daemon:debian:12', ['debian:12'], 'debian'],
  ['debian', [], 'debian'],
  ['docker://debian:12', [], 'debian'],
  ['docker://docker.io/library/debian', [], 'debian'],
  ['docker://user/app@sha256:'.padEnd(89, '0'), [], 'user/app'],
  ['docker://ghcr.io/org/app:1', [], 'ghcr.io/org/app'],
  ['docker://localhost:5000/app', [], 'localhost-5000/app'],
  ['docker://[::1]:5000/app', [], '1-5000/app'],
  ['docker://registry.example/a/b/c/d/e', [], 'c/d/e'],
  ['docker-daemon:0123456789ab', ['shop/cart:2'], 'shop/cart'],
  ['docker-daemon:0123456789ab', [], 'image'],
  [`docker-daemon:${configDigest}`, ['shop/cart:2'], 'shop/cart'],
  ['docker-daemon:0123456789ac', ['other:1'], '0123456789ac'],
  ['docker-archive:/srv/My Export.tar', [], 'My-Export'],
  ['docker-archive:/srv/saved.tar.gz', [], 'saved'],
  ['docker-archive:/srv/saved.tar:shop/cart:2', ['shop/cart:2'], 'shop/cart'],
  ['docker-archive:/srv/.tar', [], 'image'],
  ['docker-archive:/srv/…', [], 'image'],
  ['oci:/srv/layouts/web:latest', [], 'web'],
  ['oci-archive:web.tar', [], 'web'],
  ['-', ['shop/cart:2'], 'shop/cart'],
  ['-', [], 'image'],
  ['what is this?', [], 'image'],
  [`docker-archive:/srv/${long}.tar`, [], long.slice(0, 128)],
])('%s with tags %j is %s', (reference, repoTags, expected) => {
  expect(repositoryOf(imageDescription({ reference, repoTags, configDigest }))).toBe(expected);
});

test.each([
  ['debian:12', 'debian/'],
  ['docker-daemon:ghcr.io/org/app:1', 'ghcr.io/org/app/'],
  ['docker://localhost:5000/app', 'localhost-5000/app/'],
  [`docker-daemon:debian@${configDigest}`, 'debian/'],
])('artifacts of %s lie below %s', (text, expected) => {
  const parsed = parseImageReference(text);
  expect('reference' in parsed && repositoryFolder(parsed.reference)).toBe(expected);
  expect(`${repositoryOf(imageDescription({ reference: text, configDigest }))}/`).toBe(expected);
});

test.each(['docker-daemon:0123456789ab', configDigest, 'docker-archive:/srv/saved.tar', 'oci:web', '-'])(
  'where artifacts of %s lie it does not say',
  (text) => {
    const parsed = parseImageReference(text);
    expect('reference' in parsed && repositoryFolder(parsed.reference)).toBe('');
  },
);
