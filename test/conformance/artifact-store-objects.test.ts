import { buffer } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { bytes, MIB } from '../support/stores/content.ts';
import { describeEachStore, mediaType } from '../support/stores/each-store.ts';

describeEachStore((given) => {
  describe('small objects', () => {
    test('are read as they were written', async () => {
      expect(await given.write('small/one.json', 'content')).toEqual({ key: 'small/one.json', size: 7 });
      expect(await given.store.head('small/one.json', given.signal)).toEqual({
        key: 'small/one.json',
        size: 7,
      });
      expect(await given.read('small/one.json')).toBe('content');
    });

    test('may be empty', async () => {
      await given.write('small/empty', '');
      expect(await given.store.head('small/empty', given.signal)).toEqual({ key: 'small/empty', size: 0 });
      expect(await given.read('small/empty')).toBe('');
      expect((await buffer(await given.store.stream('small/empty', given.signal))).byteLength).toBe(0);
    });

    test('replace older ones whole', async () => {
      await given.write('small/replaced', 'a long content');
      await given.write('small/replaced', 'short');
      expect(await given.read('small/replaced')).toBe('short');
    });

    test('are gone when removed', async () => {
      await given.write('small/removed/a', 'a');
      await given.write('small/removed/b', 'b');
      await given.store.remove('small/removed/a', given.signal);
      expect(await given.store.head('small/removed/a', given.signal)).toBeUndefined();
      expect(await given.read('small/removed/b')).toBe('b');
      await given.store.remove('small/removed/a', given.signal);
    });
  });

  describe('what is not there', () => {
    test('is undefined to head and read', async () => {
      expect(await given.store.head('missing/x', given.signal)).toBeUndefined();
      expect(await given.store.read('missing/x', given.signal)).toBeUndefined();
    });

    test('is an error to stream', async () => {
      await expect(given.store.stream('missing/x', given.signal)).rejects.toMatchObject({
        code: 'ARTIFACT_NOT_FOUND',
      });
    });

    test('stays so below the key of an object', async () => {
      await given.write('missing/file', 'x');
      expect(await given.store.head('missing/file/below', given.signal)).toBeUndefined();
      expect(await given.store.head('missing', given.signal)).toBeUndefined();
    });
  });

  describe('streams', () => {
    const key = 'stream/object';
    beforeAll(async () => {
      await given.fixture
        .open()
        .write(key, Buffer.from('0123456789'), { mediaType, signal: new AbortController().signal });
    });

    test.each([
      ['the first byte', { start: 0, end: 0 }, '0'],
      ['the middle', { start: 3, end: 6 }, '3456'],
      ['the last byte', { start: 9, end: 9 }, '9'],
      ['more than there is', { start: 8, end: 1000 }, '89'],
    ])('%s', async (_, range, expected) => {
      expect((await buffer(await given.store.stream(key, given.signal, range))).toString()).toBe(expected);
    });

    test.each([
      ['behind the end', { start: 10, end: 12 }],
      ['backwards', { start: 6, end: 3 }],
      ['negative', { start: -3, end: 3 }],
      ['fractional', { start: 0.5, end: 3 }],
    ])('no range %s', async (_, range) => {
      await expect(given.store.stream(key, given.signal, range)).rejects.toMatchObject({
        code: 'RANGE_NOT_SATISFIABLE',
      });
    });

    test('end with the reason of the signal', async () => {
      await given.write('stream/large', bytes(4 * MIB));
      const stream = await given.store.stream('stream/large', given.signal);
      const reason = new Error('enough');
      given.cancel.abort(reason);
      await expect(buffer(stream)).rejects.toBe(reason);
    });

    test('may be left half read', async () => {
      const stream = await given.store.stream('stream/large', given.signal);
      for await (const chunk of stream) if (chunk.byteLength > 0) break;
      expect(stream.destroyed).toBe(true);
    });
  });

  test('an object of more than 16 MiB is not read whole', async () => {
    await given.write('read/limit', bytes(16 * MIB));
    await given.write('read/beyond', bytes(16 * MIB + 1));
    const sizeRead = async (key: string) => (await given.store.read(key, given.signal))?.byteLength;
    expect(await sizeRead('read/limit')).toBe(16 * MIB);
    await expect(sizeRead('read/beyond')).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  test('a signal that has come stops everything at once', async () => {
    const reason = new Error('cancelled');
    given.cancel.abort(reason);
    await expect(given.store.head('signal/x', given.signal)).rejects.toBe(reason);
    await expect(given.store.read('signal/x', given.signal)).rejects.toBe(reason);
    await expect(given.store.stream('signal/x', given.signal)).rejects.toBe(reason);
    await expect(given.write('signal/x', 'x')).rejects.toBe(reason);
    await expect(given.upload('signal/x')).rejects.toBe(reason);
    await expect(given.store.remove('signal/x', given.signal)).rejects.toBe(reason);
    await expect(given.store.check(given.signal)).rejects.toBe(reason);
  });

  test('the check passes, and leaves nothing behind', async () => {
    const keys = await given.fixture.keys();
    await given.store.check(given.signal);
    expect(await given.fixture.keys()).toEqual(keys);
  });
});
