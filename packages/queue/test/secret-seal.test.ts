import { expect, test } from 'vitest';
import { SecretSeal } from '../src/secret-seal.ts';

const seal = new SecretSeal('a-long-key-of-the-operator-of-this');
const secret = 'whsec_c2VjcmV0';

test('a sealed secret is opened again, and tells nothing', () => {
  const kept = seal.seal(secret);
  expect(kept).not.toContain('c2VjcmV0');
  expect(seal.open(kept)).toBe(secret);
  expect(seal.seal(secret)).not.toBe(kept);
});

test('without a key a secret is kept as it is, and is known when there is one', () => {
  const open = new SecretSeal(undefined);
  expect(open.seal(secret)).toBe(secret);
  expect(seal.open(secret)).toBe(secret);
});

test.each([
  ['no key', new SecretSeal(undefined), seal.seal(secret)],
  ['another key', new SecretSeal('another-key-of-the-operator-of-this'), seal.seal(secret)],
  ['a changed text', seal, `${seal.seal(secret).slice(0, -2)}AA`],
])('%s opens nothing', (_situation, opener, kept) => {
  expect(opener.open(kept)).toBeUndefined();
});
