import { expect, test } from 'vitest';
import { newKeyText, parseKeyText } from '../../src/api-keys/key-text.ts';

test('a key is recognised by its start, and is another one each time', () => {
  const [first, second] = [newKeyText(), newKeyText()];
  expect(first.text).toMatch(new RegExp(`^dimgx_${first.id}_`));
  expect(second.text).not.toBe(first.text);
  expect(second.id).not.toBe(first.id);
});

test('what is kept of a key is found again from its text, and does not hold it', () => {
  const { id, digest, text } = newKeyText();
  expect(parseKeyText(text)).toEqual({ id, digest });
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(text).not.toContain(digest);
});

const { text } = newKeyText();

test.each([
  ['nothing', ''],
  ['a key that is cut off', text.slice(0, -1)],
  ['a key and more', `${text}x`],
  ['a key of another kind', text.replace('dimgx_', 'other_')],
  ['an id that is none', text.replace(/_[0-9a-f]{12}_/, '_zzzzzzzzzzzz_')],
  ['a line after the key', `${text}\n`],
])('%s is none', (_situation, given) => {
  expect(parseKeyText(given)).toBeUndefined();
});
