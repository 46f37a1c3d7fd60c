import { describe, expect, test } from 'vitest';
import { bytes, MIB, sha256, writeFrom } from '../support/stores/content.ts';
import { describeEachStore, mediaType } from '../support/stores/each-store.ts';

/** A server that has just started may take seconds for its first upload. */
const patient = { timeout: 15_000, interval: 10 };

describeEachStore((given) => {
  describe('two uploads of one key', () => {
    const content = bytes(11 * MIB);

    test.each([
      ['both have written all', content.byteLength],
      ['the slower is in mid-part', 8 * MIB],
      ['the slower has just started', 1 * MIB],
    ])('with the same content both succeed; when one completes %s', async (_, head) => {
      const key = `twins/same-${head}`;
      const [fast, slow] = [await given.upload(key), await given.upload(key)];
      await writeFrom(slow, content.subarray(0, head));
      await writeFrom(fast, content);
      expect(await fast.complete()).toEqual({ key, size: content.byteLength });
      await writeFrom(slow, content.subarray(head));
      expect(await slow.complete()).toEqual({ key, size: content.byteLength });
      expect(await given.streamed(key)).toBe(await sha256(content));
    });

    test('with other content leave one of the two whole, and the loser fails', async () => {
      const other = bytes(content.byteLength);
      const [fast, slow] = [await given.upload('twins/other'), await given.upload('twins/other')];
      await writeFrom(slow, other);
      await writeFrom(fast, content);
      await fast.complete();
      await expect(slow.complete()).rejects.toMatchObject({ name: 'DimgxError', retryable: true });
      expect(await given.streamed('twins/other')).toBe(await sha256(content));
    });
  });

  describe('what a dead upload has left', () => {
    const abandon = async (key: string) => {
      const dead = await given.upload(key);
      await writeFrom(dead, bytes(6 * MIB));
      await expect.poll(() => given.fixture.unfinished(), patient).toHaveLength(1);
      return dead;
    };

    test.each([
      ['a large object', 6 * MIB],
      ['a small object', 10],
    ])('goes when its key is completed with %s', async (_, size) => {
      const dead = await abandon('dead/key');
      const started = await given.upload('dead/key');
      await writeFrom(started, bytes(size));
      await started.complete();
      expect(await given.fixture.unfinished()).toEqual([]);
      await dead.abort();
    });

    test('goes by its ticket, and nothing else of the key does', async () => {
      const tickets: string[] = [];
      const onBegun = async (ticket: string) => void tickets.push(ticket);
      const dead = await given.store.upload('dead/key3', { mediaType, signal: given.signal, onBegun });
      await writeFrom(dead, bytes(6 * MIB));
      // A part may be on its way before its upload has begun; the first ticket is to be the dead one's.
      await expect.poll(() => tickets, patient).toHaveLength(1);
      const alive = await given.store.upload('dead/key3', { mediaType, signal: given.signal, onBegun });
      await writeFrom(alive, bytes(6 * MIB));
      await expect.poll(() => given.fixture.unfinished(), patient).toHaveLength(2);
      const [ticket = ''] = tickets;
      for (let time = 0; time < 2; time++) await given.store.discard('dead/key3', ticket, given.signal);
      expect(await given.fixture.unfinished()).toHaveLength(1);
      await alive.complete();
      expect((await given.store.head('dead/key3', given.signal))?.size).toBe(6 * MIB);
      await given.store.discard('dead/key3', tickets[1] ?? '', given.signal);
      expect((await given.store.head('dead/key3', given.signal))?.size).toBe(6 * MIB);
      await dead.abort();
    });

    test('is nothing where its ticket could not be told', async () => {
      const onBegun = () => Promise.reject(new Error('nobody hears it'));
      const begun = async () => {
        const started = await given.store.upload('dead/key4', { mediaType, signal: given.signal, onBegun });
        await writeFrom(started, bytes(6 * MIB)).catch(async (error: unknown) => {
          await started.abort();
          throw error;
        });
        await started.complete();
      };
      await expect(begun()).rejects.toThrow('nobody hears it');
      expect(await given.fixture.unfinished()).toEqual([]);
    });

    test('stays when another key is completed', async () => {
      const dead = await abandon('dead/key2');
      const started = await given.upload('dead/key');
      await started.complete();
      expect(await given.fixture.unfinished()).toHaveLength(1);
      await dead.abort();
    });
  });
});
