import { expect, test } from 'vitest';
import { formatReference, type ImageReference, parseImageReference } from '../../src/image/reference.ts';

const hex = 'a'.repeat(64);

function referenceOf(text: string): ImageReference {
  const parsed = parseImageReference(text);
  if ('fault' in parsed) throw new Error(parsed.fault);
  return parsed.reference;
}

function faultOf(text: string): string | undefined {
  const parsed = parseImageReference(text);
  return 'fault' in parsed ? parsed.fault : undefined;
}

const alpine = { domain: 'docker.io', path: 'library/alpine', tag: '3' };

test.each<[string, string, ImageReference]>([
  ['a plain name', 'alpine:3', { transport: 'plain', image: { text: 'alpine:3', name: alpine } }],
  ['a plain id', hex, { transport: 'plain', image: { text: hex } }],
  [
    'a plain id with its algorithm',
    `sha256:${hex}`,
    { transport: 'plain', image: { text: `sha256:${hex}` } },
  ],
  [
    'a plain name like a transport',
    'docker:24',
    {
      transport: 'plain',
      image: { text: 'docker:24', name: { domain: 'docker.io', path: 'library/docker', tag: '24' } },
    },
  ],
  [
    'a daemon name',
    'docker-daemon:alpine:3',
    { transport: 'docker-daemon', image: { text: 'alpine:3', name: alpine } },
  ],
  [
    'a daemon id',
    `docker-daemon:sha256:${hex}`,
    { transport: 'docker-daemon', image: { text: `sha256:${hex}` } },
  ],
  ['a registry', 'docker://alpine:3', { transport: 'docker', name: alpine }],
  ['an archive', 'docker-archive:/a/b.tar', { transport: 'docker-archive', file: '/a/b.tar' }],
  [
    'an archive and a name',
    'docker-archive:b.tar:alpine:3',
    { transport: 'docker-archive', file: 'b.tar', choice: { by: 'name', text: 'alpine:3' } },
  ],
  [
    'an archive and a name with a port',
    'docker-archive:b.tar:h:5000/a:1',
    { transport: 'docker-archive', file: 'b.tar', choice: { by: 'name', text: 'h:5000/a:1' } },
  ],
  [
    'an archive and a place',
    'docker-archive:b.tar:@2',
    { transport: 'docker-archive', file: 'b.tar', choice: { by: 'index', index: 2 } },
  ],
  [
    'an archive and an id',
    `docker-archive:b.tar:sha256:${hex}`,
    { transport: 'docker-archive', file: 'b.tar', choice: { by: 'name', text: `sha256:${hex}` } },
  ],
  ['a layout', 'oci:dir', { transport: 'oci', folder: 'dir' }],
  [
    'a layout and a tag',
    'oci:dir:v1.0',
    { transport: 'oci', folder: 'dir', choice: { by: 'name', text: 'v1.0' } },
  ],
  [
    'a layout and a reference name in full',
    'oci:dir:ghcr.io/a/b:1',
    { transport: 'oci', folder: 'dir', choice: { by: 'name', text: 'ghcr.io/a/b:1' } },
  ],
  [
    'an OCI archive and a place',
    'oci-archive:b.tar:@0',
    { transport: 'oci-archive', file: 'b.tar', choice: { by: 'index', index: 0 } },
  ],
  ['stdin', '-', { transport: 'stdin' }],
])('%s: %s', (_, text, reference) => {
  expect(referenceOf(text)).toEqual(reference);
});

test.each([
  ['nothing', '', 'empty'],
  ['too much', 'a'.repeat(8193), 'longer'],
  ['a NUL byte', 'docker-archive:a\0b', 'NUL'],
  ['an archive without a file', 'docker-archive:', 'no file'],
  ['an archive with an empty name', 'docker-archive:a.tar:', 'NAME:TAG'],
  ['an archive with a bad name', 'docker-archive:a.tar:Alpine', 'lower case'],
  ['a layout without a path', 'oci:', 'no path'],
  ['a layout with a bad tag', 'oci:dir:a b', 'reference name'],
  ['a place that is no number', 'oci:dir:@x', 'reference name'],
  ['a file without its transport', './image.tar', 'docker-archive:./image.tar'],
  ['an absolute file without its transport', '/image.tar', 'docker-archive:/image.tar'],
  ['a transport of others', 'containers-storage:alpine@', 'transport'],
  ['a folder of others', 'dir:/tmp/x', 'transport'],
  ['a URL', 'https://registry.example/app', 'transport'],
  ['a bad name', 'alpine:', 'is no tag'],
  ['a bad name of a registry', 'docker://Alpine', 'lower case'],
  ['a bad name of a daemon', 'docker-daemon:', 'empty'],
])('%s is refused: %s', (_, text, says) => {
  expect(faultOf(text)).toContain(says);
});

test.each([
  ['alpine:3', 'alpine:3'],
  ['docker-daemon:alpine', 'docker-daemon:alpine'],
  ['docker://alpine', 'docker://docker.io/library/alpine:latest'],
  ['docker-archive:a.tar:x:1', 'docker-archive:a.tar:x:1'],
  ['oci-archive:a.tar:@1', 'oci-archive:a.tar:@1'],
  ['oci:dir', 'oci:dir'],
  ['-', '-'],
])('%s is reported as %s', (text, report) => {
  expect(formatReference(referenceOf(text))).toBe(report);
});
