import { buffer } from 'node:stream/consumers';
import type { ArtifactStore, ListOptions } from '@dimgx/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bytes, MIB, sha256, writeFrom } from '../support/stores/content.ts';
import type { StoreFixture } from '../support/stores/store-fixture.ts';

const mediaType = 'application/octet-stream';
/** A server that has just started may take seconds for its first upload. */
const patient = { timeout: 15_000, interval: 10 };

/** What every store does, whatever it is made of. Each case keeps to keys of its own. */
export function describeArtifactStore(makeFixture: () => Promise<StoreFixture>): void {
  let fixture: StoreFixture;
  let store: ArtifactStore;
  let cancel: AbortController;
  let signal: AbortSignal;

  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterAll(() => fixture.remove());

  beforeEach(() => {
    store = fixture.open();
    cancel = new AbortController();
    signal = cancel.signal;
  });
  afterEach(async () => {
    await store.close();
    expect(await fixture.unfinished(), 'uploads left by the test').toEqual([]);
  });

  const write = (key: string, content: Buffer | string) =>
    store.write(key, Buffer.from(content), { mediaType, signal });
  const upload = (key: string) => store.upload(key, { mediaType, signal });
  const read = async (key: string) => (await store.read(key, signal))?.toString();
  const streamed = async (key: string) => sha256(await store.stream(key, signal));

  describe('small objects', () => {
    test('are read as they were written', async () => {
      expect(await write('small/one.json', 'content')).toEqual({ key: 'small/one.json', size: 7 });
      expect(await store.head('small/one.json', signal)).toEqual({ key: 'small/one.json', size: 7 });
      expect(await read('small/one.json')).toBe('content');
    });

    test('may be empty', async () => {
      await write('small/empty', '');
      expect(await store.head('small/empty', signal)).toEqual({ key: 'small/empty', size: 0 });
      expect(await read('small/empty')).toBe('');
      expect((await buffer(await store.stream('small/empty', signal))).byteLength).toBe(0);
    });

    test('replace older ones whole', async () => {
      await write('small/replaced', 'a long content');
      await write('small/replaced', 'short');
      expect(await read('small/replaced')).toBe('short');
    });

    test('are gone when removed', async () => {
      await write('small/removed/a', 'a');
      await write('small/removed/b', 'b');
      await store.remove('small/removed/a', signal);
      expect(await store.head('small/removed/a', signal)).toBeUndefined();
      expect(await read('small/removed/b')).toBe('b');
      await store.remove('small/removed/a', signal);
    });
  });

  describe('a list', () => {
    // In the order of their bytes: "-" and "." come before "/", "0" after it.
    const keys = ['a-b/x', 'a.b', 'a/b/c', 'a/b/d', 'a/c', 'a0', 'b'].map((key) => `list/${key}`);
    beforeAll(async () => {
      const open = fixture.open();
      const options = { mediaType, signal: new AbortController().signal };
      for (const key of keys.toReversed()) await open.write(key, Buffer.from(key), options);
      await open.close();
    });
    const list = (options: Partial<ListOptions>) =>
      store.list({ prefix: 'list/', limit: 1000, signal, ...options });

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
      const started = await upload('list/zz');
      await started.write(Buffer.from('x'));
      expect(await list({ prefix: 'list/z' })).toEqual([]);
      await started.abort();
    });
  });

  describe('what is not there', () => {
    test('is undefined to head and read', async () => {
      expect(await store.head('missing/x', signal)).toBeUndefined();
      expect(await store.read('missing/x', signal)).toBeUndefined();
    });

    test('is an error to stream', async () => {
      await expect(store.stream('missing/x', signal)).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
    });

    test('stays so below the key of an object', async () => {
      await write('missing/file', 'x');
      expect(await store.head('missing/file/below', signal)).toBeUndefined();
      expect(await store.head('missing', signal)).toBeUndefined();
    });
  });

  describe('keys', () => {
    test.each([
      ['one segment', 'artifact.tar'],
      ['all characters', 'AZaz09._-/a.b-c_d'],
      ['dots inside', 'a..b/c...'],
      ['600 bytes', `${'d/'.repeat(173)}${'k'.repeat(254)}`],
    ])('%s: taken', async (_, key) => {
      await write(key, 'x');
      expect(await read(key)).toBe('x');
      expect(await fixture.keys()).toContain(key);
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
      await expect(store.head(key, signal)).rejects.toMatchObject(refusal);
      await expect(store.read(key, signal)).rejects.toMatchObject(refusal);
      await expect(write(key, 'x')).rejects.toMatchObject(refusal);
      await expect(upload(key)).rejects.toMatchObject(refusal);
      await expect(store.stream(key, signal)).rejects.toMatchObject(refusal);
      await expect(store.remove(key, signal)).rejects.toMatchObject(refusal);
    });
  });

  describe('streams', () => {
    const key = 'stream/object';
    beforeAll(async () => {
      await fixture
        .open()
        .write(key, Buffer.from('0123456789'), { mediaType, signal: new AbortController().signal });
    });

    test.each([
      ['the first byte', { start: 0, end: 0 }, '0'],
      ['the middle', { start: 3, end: 6 }, '3456'],
      ['the last byte', { start: 9, end: 9 }, '9'],
      ['more than there is', { start: 8, end: 1000 }, '89'],
    ])('%s', async (_, range, expected) => {
      expect((await buffer(await store.stream(key, signal, range))).toString()).toBe(expected);
    });

    test.each([
      ['behind the end', { start: 10, end: 12 }],
      ['backwards', { start: 6, end: 3 }],
      ['negative', { start: -3, end: 3 }],
      ['fractional', { start: 0.5, end: 3 }],
    ])('no range %s', async (_, range) => {
      await expect(store.stream(key, signal, range)).rejects.toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' });
    });

    test('end with the reason of the signal', async () => {
      await write('stream/large', bytes(4 * MIB));
      const stream = await store.stream('stream/large', signal);
      const reason = new Error('enough');
      cancel.abort(reason);
      await expect(buffer(stream)).rejects.toBe(reason);
    });

    test('may be left half read', async () => {
      const stream = await store.stream('stream/large', signal);
      for await (const chunk of stream) if (chunk.byteLength > 0) break;
      expect(stream.destroyed).toBe(true);
    });
  });

  test('an object of more than 16 MiB is not read whole', async () => {
    await write('read/limit', bytes(16 * MIB));
    await write('read/beyond', bytes(16 * MIB + 1));
    const sizeRead = async (key: string) => (await store.read(key, signal))?.byteLength;
    expect(await sizeRead('read/limit')).toBe(16 * MIB);
    await expect(sizeRead('read/beyond')).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  describe('an upload', () => {
    test.each([
      ['nothing', 0],
      ['a few bytes', 5],
      ['one part to the byte', 5 * MIB],
      ['three parts and a bit', 15 * MIB + 4711],
    ])('of %s', async (title, size) => {
      const key = `upload/${title.replaceAll(' ', '-')}`;
      const content = bytes(size);
      const started = await upload(key);
      await writeFrom(started, content, 700_001);
      expect(await store.head(key, signal)).toBeUndefined();
      expect(await started.complete()).toEqual({ key, size });
      expect(await store.head(key, signal)).toEqual({ key, size });
      expect(await streamed(key)).toBe(await sha256(content));
    });

    test('takes chunks larger than its parts', async () => {
      const content = bytes(12 * MIB);
      const started = await upload('upload/large-chunk');
      await started.write(content);
      await started.complete();
      expect(await streamed('upload/large-chunk')).toBe(await sha256(content));
    });

    test('leaves the older object in place until it completes', async () => {
      await write('upload/older', 'older');
      const started = await upload('upload/older');
      await writeFrom(started, bytes(6 * MIB));
      expect(await read('upload/older')).toBe('older');
      await started.complete();
      expect((await store.head('upload/older', signal))?.size).toBe(6 * MIB);
    });

    test('holds a bounded part of a large object in memory', async () => {
      const chunk = bytes(MIB);
      const started = await upload('upload/large');
      const before = process.memoryUsage().arrayBuffers;
      let peak = 0;
      for (let written = 0; written < 160; written++) {
        await started.write(chunk);
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
      }
      expect(await started.complete()).toEqual({ key: 'upload/large', size: 160 * MIB });
      expect(peak).toBeLessThan(40 * MIB);
      await store.remove('upload/large', signal);
    });
  });

  describe('an aborted upload', () => {
    test.each([
      ['before the first byte', 0],
      ['with a few bytes', 5],
      ['in the first part', 3 * MIB],
      ['in mid-part', 13 * MIB],
    ])('%s leaves nothing', async (_, size) => {
      const started = await upload('aborted/object');
      await writeFrom(started, bytes(size));
      await started.abort();
      expect(await store.head('aborted/object', signal)).toBeUndefined();
      expect(await fixture.unfinished()).toEqual([]);
    });

    test('can be aborted again, and when it is complete', async () => {
      const started = await upload('aborted/twice');
      await started.abort();
      await started.abort();
      const completed = await upload('aborted/complete');
      await completed.write(Buffer.from('x'));
      await completed.complete();
      await completed.abort();
      expect(await read('aborted/complete')).toBe('x');
    });

    test('takes and completes nothing more', async () => {
      const started = await upload('aborted/over');
      await writeFrom(started, bytes(6 * MIB));
      await started.abort();
      await expect(started.complete()).rejects.toMatchObject({ name: 'DimgxError' });
      expect(await store.head('aborted/over', signal)).toBeUndefined();
    });

    test('cleans up although the signal has come', async () => {
      const started = await upload('aborted/by-signal');
      await writeFrom(started, bytes(11 * MIB));
      const reason = new Error('cancelled');
      cancel.abort(reason);
      await expect(started.write(bytes(6 * MIB))).rejects.toBe(reason);
      await started.abort();
      expect(await fixture.unfinished()).toEqual([]);
    });

    test('is what a cancelled completion leaves', async () => {
      const started = await upload('aborted/completion');
      await writeFrom(started, bytes(11 * MIB));
      const reason = new Error('cancelled');
      cancel.abort(reason);
      await expect(started.complete()).rejects.toBe(reason);
      expect(await fixture.unfinished()).toEqual([]);
      expect(await store.head('aborted/completion', new AbortController().signal)).toBeUndefined();
    });
  });

  test('a signal that has come stops everything at once', async () => {
    const reason = new Error('cancelled');
    cancel.abort(reason);
    await expect(store.head('signal/x', signal)).rejects.toBe(reason);
    await expect(store.read('signal/x', signal)).rejects.toBe(reason);
    await expect(store.stream('signal/x', signal)).rejects.toBe(reason);
    await expect(write('signal/x', 'x')).rejects.toBe(reason);
    await expect(upload('signal/x')).rejects.toBe(reason);
    await expect(store.remove('signal/x', signal)).rejects.toBe(reason);
    await expect(store.check(signal)).rejects.toBe(reason);
  });

  describe('two uploads of one key', () => {
    const content = bytes(11 * MIB);

    test.each([
      ['both have written all', content.byteLength],
      ['the slower is in mid-part', 8 * MIB],
      ['the slower has just started', 1 * MIB],
    ])('with the same content both succeed; when one completes %s', async (_, head) => {
      const key = `twins/same-${head}`;
      const [fast, slow] = [await upload(key), await upload(key)];
      await writeFrom(slow, content.subarray(0, head));
      await writeFrom(fast, content);
      expect(await fast.complete()).toEqual({ key, size: content.byteLength });
      await writeFrom(slow, content.subarray(head));
      expect(await slow.complete()).toEqual({ key, size: content.byteLength });
      expect(await streamed(key)).toBe(await sha256(content));
    });

    test('with other content leave one of the two whole, and the loser fails', async () => {
      const other = bytes(content.byteLength);
      const [fast, slow] = [await upload('twins/other'), await upload('twins/other')];
      await writeFrom(slow, other);
      await writeFrom(fast, content);
      await fast.complete();
      await expect(slow.complete()).rejects.toMatchObject({ name: 'DimgxError', retryable: true });
      expect(await streamed('twins/other')).toBe(await sha256(content));
    });
  });

  describe('what a dead upload has left', () => {
    const abandon = async (key: string) => {
      const dead = await upload(key);
      await writeFrom(dead, bytes(6 * MIB));
      await expect.poll(() => fixture.unfinished(), patient).toHaveLength(1);
      return dead;
    };

    test.each([
      ['a large object', 6 * MIB],
      ['a small object', 10],
    ])('goes when its key is completed with %s', async (_, size) => {
      const dead = await abandon('dead/key');
      const started = await upload('dead/key');
      await writeFrom(started, bytes(size));
      await started.complete();
      expect(await fixture.unfinished()).toEqual([]);
      await dead.abort();
    });

    test('goes by its ticket, and nothing else of the key does', async () => {
      const tickets: string[] = [];
      const onBegun = async (ticket: string) => void tickets.push(ticket);
      const dead = await store.upload('dead/key3', { mediaType, signal, onBegun });
      await writeFrom(dead, bytes(6 * MIB));
      // A part may be on its way before its upload has begun; the first ticket is to be the dead one's.
      await expect.poll(() => tickets, patient).toHaveLength(1);
      const alive = await store.upload('dead/key3', { mediaType, signal, onBegun });
      await writeFrom(alive, bytes(6 * MIB));
      await expect.poll(() => fixture.unfinished(), patient).toHaveLength(2);
      const [ticket = ''] = tickets;
      for (let time = 0; time < 2; time++) await store.discard('dead/key3', ticket, signal);
      expect(await fixture.unfinished()).toHaveLength(1);
      await alive.complete();
      expect((await store.head('dead/key3', signal))?.size).toBe(6 * MIB);
      await store.discard('dead/key3', tickets[1] ?? '', signal);
      expect((await store.head('dead/key3', signal))?.size).toBe(6 * MIB);
      await dead.abort();
    });

    test('is nothing where its ticket could not be told', async () => {
      const onBegun = () => Promise.reject(new Error('nobody hears it'));
      const begun = async () => {
        const started = await store.upload('dead/key4', { mediaType, signal, onBegun });
        await writeFrom(started, bytes(6 * MIB)).catch(async (error: unknown) => {
          await started.abort();
          throw error;
        });
        await started.complete();
      };
      await expect(begun()).rejects.toThrow('nobody hears it');
      expect(await fixture.unfinished()).toEqual([]);
    });

    test('stays when another key is completed', async () => {
      const dead = await abandon('dead/key2');
      const started = await upload('dead/key');
      await started.complete();
      expect(await fixture.unfinished()).toHaveLength(1);
      await dead.abort();
    });
  });

  test('the check passes, and leaves nothing behind', async () => {
    const keys = await fixture.keys();
    await store.check(signal);
    expect(await fixture.keys()).toEqual(keys);
  });
}
