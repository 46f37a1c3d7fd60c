import { describe, expect, test } from 'vitest';
import { bytes, MIB, sha256, writeFrom } from '../support/stores/content.ts';
import { describeEachStore } from '../support/stores/each-store.ts';

describeEachStore((given) => {
  describe('an upload', () => {
    test.each([
      ['nothing', 0],
      ['a few bytes', 5],
      ['one part to the byte', 5 * MIB],
      ['three parts and a bit', 15 * MIB + 4711],
    ])('of %s', async (title, size) => {
      const key = `upload/${title.replaceAll(' ', '-')}`;
      const content = bytes(size);
      const started = await given.upload(key);
      await writeFrom(started, content, 700_001);
      expect(await given.store.head(key, given.signal)).toBeUndefined();
      expect(await started.complete()).toEqual({ key, size });
      expect(await given.store.head(key, given.signal)).toEqual({ key, size });
      expect(await given.streamed(key)).toBe(await sha256(content));
    });

    test('takes chunks larger than its parts', async () => {
      const content = bytes(12 * MIB);
      const started = await given.upload('upload/large-chunk');
      await started.write(content);
      await started.complete();
      expect(await given.streamed('upload/large-chunk')).toBe(await sha256(content));
    });

    test('leaves the older object in place until it completes', async () => {
      await given.write('upload/older', 'older');
      const started = await given.upload('upload/older');
      await writeFrom(started, bytes(6 * MIB));
      expect(await given.read('upload/older')).toBe('older');
      await started.complete();
      expect((await given.store.head('upload/older', given.signal))?.size).toBe(6 * MIB);
    });

    test('holds a bounded part of a large object in memory', async () => {
      const chunk = bytes(MIB);
      const started = await given.upload('upload/large');
      const before = process.memoryUsage().arrayBuffers;
      let peak = 0;
      for (let written = 0; written < 160; written++) {
        await started.write(chunk);
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
      }
      expect(await started.complete()).toEqual({ key: 'upload/large', size: 160 * MIB });
      expect(peak).toBeLessThan(40 * MIB);
      await given.store.remove('upload/large', given.signal);
    });
  });

  describe('an aborted upload', () => {
    test.each([
      ['before the first byte', 0],
      ['with a few bytes', 5],
      ['in the first part', 3 * MIB],
      ['in mid-part', 13 * MIB],
    ])('%s leaves nothing', async (_, size) => {
      const started = await given.upload('aborted/object');
      await writeFrom(started, bytes(size));
      await started.abort();
      expect(await given.store.head('aborted/object', given.signal)).toBeUndefined();
      expect(await given.fixture.unfinished()).toEqual([]);
    });

    test('can be aborted again, and when it is complete', async () => {
      const started = await given.upload('aborted/twice');
      await started.abort();
      await started.abort();
      const completed = await given.upload('aborted/complete');
      await completed.write(Buffer.from('x'));
      await completed.complete();
      await completed.abort();
      expect(await given.read('aborted/complete')).toBe('x');
    });

    test('takes and completes nothing more', async () => {
      const started = await given.upload('aborted/over');
      await writeFrom(started, bytes(6 * MIB));
      await started.abort();
      await expect(started.complete()).rejects.toMatchObject({ name: 'DimgxError' });
      expect(await given.store.head('aborted/over', given.signal)).toBeUndefined();
    });

    test('cleans up although the signal has come', async () => {
      const started = await given.upload('aborted/by-signal');
      await writeFrom(started, bytes(11 * MIB));
      const reason = new Error('cancelled');
      given.cancel.abort(reason);
      await expect(started.write(bytes(6 * MIB))).rejects.toBe(reason);
      await started.abort();
      expect(await given.fixture.unfinished()).toEqual([]);
    });

    test('is what a cancelled completion leaves', async () => {
      const started = await given.upload('aborted/completion');
      await writeFrom(started, bytes(11 * MIB));
      const reason = new Error('cancelled');
      given.cancel.abort(reason);
      await expect(started.complete()).rejects.toBe(reason);
      expect(await given.fixture.unfinished()).toEqual([]);
      expect(await given.store.head('aborted/completion', new AbortController().signal)).toBeUndefined();
    });
  });
});
