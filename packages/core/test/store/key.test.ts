import { describe, expect, test } from 'vitest';
import { checkKey, grammarFault } from '../../src/store/key.ts';

describe('a key', () => {
  test.each([
    ['one segment', 'a'],
    ['several', 'debian/0123456789ab/f.tar.zst'],
    ['dots inside', 'a..b/c.d.'],
    ['255 bytes in a segment', 'k'.repeat(255)],
    ['600 bytes', `${'k/'.repeat(299)}kk`],
  ])('may be %s', (_, key) => {
    expect(grammarFault(key)).toBeUndefined();
  });

  test.each([
    ['empty', ''],
    ['climbing', 'a/../b'],
    ['hidden', 'a/.b'],
    ['absolute', '/a'],
    ['ending in a slash', 'a/'],
    ['ending in a newline', 'a\n'],
    ['with a segment of 256 bytes', 'k'.repeat(256)],
    ['of 601 bytes', `${'k/'.repeat(300)}k`],
  ])('may not be %s', (_, key) => {
    expect(grammarFault(key)).toMatch(/^(must be|is longer)/);
  });

  test('that is refused is quoted in one short line', () => {
    const key = `../../${'x\n'.repeat(500)}`;
    const refusal = expect.objectContaining({
      code: 'REQUEST_INVALID',
      message: expect.not.stringContaining('\n'),
    });
    expect(() => checkKey(key)).toThrow(refusal);
    expect(() => checkKey(key)).toThrow(/^the key "\.\.\/\.\.\/x\\n.{70,90}… is longer|^the key .{1,200}$/);
  });
});
