import { expect, test } from 'vitest';
import { digestOf } from '../../src/image/digest.ts';
import { parseImageReference } from '../../src/image/reference.ts';
import { isOfImage } from '../../src/store/artifact-image.ts';

const digest = digestOf('manifest');
const configDigest = digestOf('config');
const other = digestOf('other');

function referenceOf(text: string) {
  const parsed = parseImageReference(text);
  if ('fault' in parsed) throw new Error(parsed.fault);
  return parsed.reference;
}

test.each<[wanted: string, reference: string, repoTags: string[], expected: boolean]>([
  ['docker-daemon:debian:12', 'docker-daemon:debian:12', [], true],
  ['debian:12', 'docker-daemon:debian:12', [], true],
  ['docker://docker.io/library/debian:12', 'debian:12', [], true],
  ['debian', 'debian:latest', [], true],
  ['debian', 'debian:12', [], false],
  ['debian:12', 'debian:13', [], false],
  ['shop/debian:12', 'debian:12', [], false],
  ['ghcr.io/org/app:1', 'docker-daemon:ghcr.io/org/app:1', [], true],
  ['debian:12', 'docker-archive:/srv/saved.tar', ['debian:12'], true],
  ['debian:12', 'docker-archive:/srv/saved.tar', [], false],
  ['debian:12', `docker-daemon:${configDigest}`, ['other:1', 'debian:12'], true],
  ['docker-archive:/srv/saved.tar', 'docker-archive:/srv/saved.tar', [], true],
  ['docker-archive:/srv/saved.tar', 'docker-archive:/srv/saved.tar:debian:12', [], false],
  ['oci:/srv/web', 'oci:/srv/web', [], true],
  [`debian@${digest}`, 'debian:12', [], true],
  [`debian@${other}`, 'debian:12', [], false],
  [`shop/debian@${digest}`, 'debian:12', [], false],
  [`docker-daemon:${configDigest}`, 'debian:12', [], true],
  [digest, 'debian:12', [], true],
  [other, 'debian:12', [], false],
  [configDigest.slice(7, 19), 'debian:12', [], true],
  ['-', '-', [], true],
])('%s, flattened as %s with tags %j: %j', (wanted, reference, repoTags, expected) => {
  const image = { reference, digest, configDigest, platform: 'linux/amd64', repoTags };
  expect(isOfImage(referenceOf(wanted), image)).toBe(expected);
});
