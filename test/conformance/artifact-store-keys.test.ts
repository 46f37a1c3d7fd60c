import type { ListOptions } from '@dimgx/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeEachStore, mediaType } from '../support/stores/each-store.ts';

describeEachStore((given) => {
  describe('keys', () => {
    test.each([
      ['one segment', 'artifact.tar'],
      ['all characters', 'AZaz09._-/a.b-c_d'],
      ['dots inside', 'a..b/c...'],
      ['600 bytes', `${'d/'.repeat(173)}${'k'.repeat(254)}`],
    ])('%s: taken', async (_, key) => {
      await given.write(key, 'x');
      expect(await given.read(key)).toBe('x');
      expect(await given.fixture.keys()).toContain(key);
    });

    test.each([
      ['empty', ''],
      ['the parent folder', '..'],
      ['a climb in the middle', 'a/../../b'],
      ['a dot', 'a/./b'],
      ['absolute', '/etc/passwd'],
      ['an empty segment', 'a//b'],
      ['a slash at the end', 'a/'],
      ['a hidden name', '.incoming/x'],
      ['a backslash', 'a\\..\\b'],
      ['a zero byte', 'a\0b'],
      ['a newline', 'a\n'],
      ['not ASCII', 'é'],
      ['a blank', 'a b'],
      ['percent', 'a%2e%2e/b'],
      ['a segment of 256 bytes', 'k'.repeat(256)],
      ['601 bytes', `${'k/'.repeat(300)}k`],
    ])('%s: refused by all', async (_, key) => {
      const refusal = { code: 'REQUEST_INVALID', message: expect.not.stringContaining('\n') };
      await expect(given.store.head(key, given.signal)).rejects.toMatchObject(refusal);
      await expect(given.store.read(key, given.signal)).rejects.toMatchObject(refusal);
      await expect(given.write(key, 'x')).rejects.toMatchObject(refusal);
      await expect(given.upload(key)).rejects.toMatchObject(refusal);
      await expect(given.store.stream(key, given.signal)).rejects.toMatchObject(refusal);
      await expect(given.store.remove(key, given.signal)).rejects.toMatchObject(refusal);
    });
  });

  describe('a list', () => {
    // In the order of their bytes: "-" and "." come before "/", "0" after it.
    const keys = ['a-b/x', 'a.b', 'a/b/c', 'a/b/d', 'a/c', 'a0', 'b'].map((key) => `list/${key}`);
    beforeAll(async () => {
      const open = given.fixture.open();
      const options = { mediaType, signal: new AbortController().signal };
      for (const key of keys.toReversed()) await open.write(key, Buffer.from(key), options);
      await open.close();
    });
    const list = (options: Partial<ListOptions>) =>
      given.store.list({ prefix: 'list/', limit: 1000, signal: given.signal, ...options });

    test('has all objects with a prefix, in the order of their keys, with size and time', async () => {
      const listed = await list({});
      expect(listed.map(({ key, size }) => ({ key, size }))).toEqual(
        keys.map((key) => ({ key, size: key.length })),
      );
      for (const { storedAt } of listed) expect(Date.now() - storedAt.getTime()).toBeLessThan(3_600_000);
    });

    test.each([
      ['a prefix in the middle of a name', { prefix: 'list/a' }, keys.slice(0, 6)],
      ['a folder', { prefix: 'list/a/' }, keys.slice(2, 5)],
      ['a prefix that none has', { prefix: 'list/c' }, []],
      ['a whole key', { prefix: 'list/b' }, keys.slice(6)],
      ['what comes after a key', { after: 'list/a/b/c' }, keys.slice(3)],
      ['what comes after one that is not there', { after: 'list/a/bb' }, keys.slice(4)],
      ['what comes after the last', { after: 'list/b' }, []],
      ['only so many', { limit: 2 }, keys.slice(0, 2)],
      ['so many after a key', { after: 'list/a.b', limit: 3 }, keys.slice(2, 5)],
    ])('%s', async (_, options, expected) => {
      expect((await list(options)).map(({ key }) => key)).toEqual(expected);
    });

    test('leaves out what is on its way', async () => {
      const started = await given.upload('list/zz');
      await started.write(Buffer.from('x'));
      expect(await list({ prefix: 'list/z' })).toEqual([]);
      await started.abort();
    });
  });
});
