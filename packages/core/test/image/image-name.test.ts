import { expect, test } from 'vitest';
import { familiarName, familiarRepository, fullName, parseImageName } from '../../src/image/image-name.ts';

const hex = 'a'.repeat(64);
const digest = `sha256:${hex}`;

function nameOf(text: string) {
  const parsed = parseImageName(text);
  if ('fault' in parsed) throw new Error(parsed.fault);
  return parsed.name;
}

function faultOf(text: string): string | undefined {
  const parsed = parseImageName(text);
  return 'fault' in parsed ? parsed.fault : undefined;
}

test.each([
  ['an official image', 'alpine', 'docker.io/library/alpine:latest'],
  ['a tag', 'alpine:3.20', 'docker.io/library/alpine:3.20'],
  ['a digest', `alpine@${digest}`, `docker.io/library/alpine@${digest}`],
  ['tag and digest', `alpine:3@${digest}`, `docker.io/library/alpine:3@${digest}`],
  ["a user's image", 'user/app', 'docker.io/user/app:latest'],
  ['a host by its dot', 'ghcr.io/app', 'ghcr.io/app:latest'],
  ['a host by its port', 'registry:5000/app:1', 'registry:5000/app:1'],
  ['localhost', 'localhost/app', 'localhost/app:latest'],
  ['localhost with a port', 'localhost:5000/a/b:1', 'localhost:5000/a/b:1'],
  ['a host by its capital', 'Registry/app', 'Registry/app:latest'],
  ['an IPv4 host', '127.0.0.1:5000/app', '127.0.0.1:5000/app:latest'],
  ['an IPv6 host', '[2001:db8::1]:5000/app', '[2001:db8::1]:5000/app:latest'],
  ["Docker Hub's old host", 'index.docker.io/alpine', 'docker.io/library/alpine:latest'],
  ['what is official in full', 'docker.io/library/alpine:latest', 'docker.io/library/alpine:latest'],
  ['a host without its namespace', 'docker.io/alpine', 'docker.io/library/alpine:latest'],
  ['a deep path', 'quay.io/a/b/c/d:1', 'quay.io/a/b/c/d:1'],
  ['all separators', 'x/a.b_c__d-e--f', 'docker.io/x/a.b_c__d-e--f:latest'],
  ['what looks like a port', 'host:5000', 'docker.io/library/host:5000'],
  ['what looks like the start of an id', 'deadbeef', 'docker.io/library/deadbeef:latest'],
  ['a tag of 128 characters', `a:${'t'.repeat(128)}`, `docker.io/library/a:${'t'.repeat(128)}`],
  ['odd characters in a tag', 'a:_1.2-B', 'docker.io/library/a:_1.2-B'],
  ['a repository of 255 characters', `h.io/${'a'.repeat(255)}`, `h.io/${'a'.repeat(255)}:latest`],
])('%s: %s', (_, text, full) => {
  expect(fullName(nameOf(text))).toBe(full);
});

test.each([
  ['nothing', '', 'empty'],
  ['a capital', 'Alpine', 'lower case'],
  ['a capital behind the host', 'ghcr.io/App', 'lower case'],
  ['an id', hex, 'an id'],
  ['an empty tag', 'alpine:', 'is no tag'],
  ['a tag that starts with a dot', 'alpine:.1', 'is no tag'],
  ['a tag of 129 characters', `a:${'t'.repeat(129)}`, 'is no tag'],
  ['a short digest', 'alpine@sha256:abc', 'digest'],
  ['a digest in capitals', `alpine@sha256:${'A'.repeat(64)}`, 'digest'],
  ['a digest of another algorithm', `alpine@sha512:${'a'.repeat(128)}`, 'digest'],
  ['an empty digest', 'alpine@', 'digest'],
  ['an empty part', 'a//b', 'empty'],
  ['a slash at the end', 'a/b/', 'empty'],
  ['a slash at the start', '/a', 'empty'],
  ['a separator at the end', 'app-', "can't be part"],
  ['a separator at the start', '-app', "can't be part"],
  ['three underscores', 'a___b', "can't be part"],
  ['dots that lead up', 'a/../b', "can't be part"],
  ['a blank', 'a b', "can't be part"],
  ['a query', 'a?b=c', "can't be part"],
  ['a port without digits', 'host:port/app', 'registry host'],
  ['a host that ends in a hyphen', 'a-.io/app', 'registry host'],
  ['a repository of 256 characters', `h.io/${'a'.repeat(256)}`, '255 characters'],
])('%s is refused: %s', (_, text, says) => {
  expect(faultOf(text)).toContain(says);
});

test.each([
  ['docker.io/library/alpine:3', 'alpine:3', 'alpine'],
  ['docker.io/user/app', 'user/app:latest', 'user/app'],
  ['docker.io/library/deep/app', 'library/deep/app:latest', 'library/deep/app'],
  ['quay.io/library/app:1', 'quay.io/library/app:1', 'quay.io/library/app'],
  [`alpine@${digest}`, `alpine@${digest}`, 'alpine'],
])('%s is printed as docker does', (text, familiar, repository) => {
  expect(familiarName(nameOf(text))).toBe(familiar);
  expect(familiarRepository(nameOf(text))).toBe(repository);
});
