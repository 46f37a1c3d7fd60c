import { expect, test } from 'vitest';
import { endpointId, endpointUrl } from '../../src/callbacks/callback-endpoint.ts';

const url = 'https://example.org/hooks/a';

test.each([
  ['another query', 'https://example.org/hooks/a?run=7'],
  ['a fragment', 'https://example.org/hooks/a#b'],
  ['the default port', 'https://example.org:443/hooks/a'],
  ['another case of the host', 'HTTPS://EXAMPLE.org/hooks/a'],
  ['a detour', 'https://example.org/hooks/b/../a'],
])('%s is the same endpoint', (_situation, same) => {
  expect(endpointUrl(same)).toBe(url);
  expect(endpointId(same)).toBe(endpointId(url));
});

test.each(['https://example.org/hooks/b', 'http://example.org/hooks/a', 'https://example.org:8443/hooks/a'])(
  '%s is another',
  (other) => expect(endpointId(other)).not.toBe(endpointId(url)),
);

test('an id can stand in a path', () => expect(endpointId(url)).toMatch(/^[0-9a-f]{24}$/));
