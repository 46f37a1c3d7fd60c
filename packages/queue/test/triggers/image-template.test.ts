import { expect, test } from 'vitest';
import { imageOf, unknownPlaceholders } from '../../src/triggers/image-template.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const push = { registry: 'registry.example:5000', repository: 'team/app', tag: '1.2', digest };

test.each([
  ['docker-daemon:{registry}/{repository}:{tag}', 'docker-daemon:registry.example:5000/team/app:1.2'],
  ['docker-daemon:mirror.example/{repository}@{digest}', `docker-daemon:mirror.example/team/app@${digest}`],
  ['docker-daemon:{repository}:{tag}-{tag}', 'docker-daemon:team/app:1.2-1.2'],
  ['docker-daemon:debian:12', 'docker-daemon:debian:12'],
])('%s', (template, image) => {
  expect(unknownPlaceholders(template)).toEqual([]);
  expect(imageOf(template, push)).toBe(image);
});

test('what the push does not tell is missed by its name', () => {
  const { digest: _, ...untold } = push;
  expect(() => imageOf('{repository}@{digest}', untold)).toThrow(
    /needs \{digest\}, which the push does not tell/,
  );
});

test.each([
  ['{name}:{tag}', ['{name}']],
  ['{{tag}}', ['{', '}']],
  ['{tag', ['{']],
  ['a{}b', ['{}']],
])('%s has braces that mean nothing', (template, unknown) => {
  expect(unknownPlaceholders(template)).toEqual(unknown);
});
