import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtifactStore, openStore } from '@dimgx/core';
import { identifyStore } from '@dimgx/queue';
import { beforeEach, expect, inject, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { emptiedQueue } from '../support/service/queue-fixture.ts';

needs('redis')('a folder that parts of a service have for their store', () => {
  const fixture = emptiedQueue();
  const { signal } = new AbortController();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(inject('runFolder'), 'identity-'));
  });

  const markerOf = (root: string) => readFileSync(join(root, '.dimgx-store'), 'utf8');
  /** As a part has it that starts. */
  async function opened(root: string): Promise<ArtifactStore> {
    const store = openStore(`file:${root}`);
    await identifyStore(fixture.redis, store);
    return store;
  }

  test('gets one id, by which all know it that start at once', async () => {
    const stores = await Promise.all([1, 2, 3, 4].map(() => opened(folder)));
    for (const store of stores) await store.check(signal);
    expect(await fixture.redis.hget('{dimgx}:store', 'id')).toBe(markerOf(folder).trim());
    expect(readdirSync(folder).sort()).toEqual(['.dimgx-store', '.incoming']);
    expect(await stores[0]?.list({ prefix: '', limit: 10, signal })).toEqual([]);
  });

  test('keeps its objects if it was used before there were ids', async () => {
    writeFileSync(join(folder, 'old'), 'object');
    const store = await opened(folder);
    expect((await store.read('old', signal))?.toString()).toBe('object');
  });

  test('keeps its id under a new Redis', async () => {
    await opened(folder);
    const id = markerOf(folder);
    await fixture.redis.flushall();
    await opened(folder);
    expect(markerOf(folder)).toBe(id);
  });

  test('is refused at the start if it is another one, until that was said to be on purpose', async () => {
    await opened(folder);
    const other = join(folder, 'other');
    mkdirSync(other);
    const refused = opened(other);
    await expect(refused).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(refused).rejects.toThrow(
      `${other} is not the store that this service has used: it lacks .dimgx-store. Is its disk not mounted? ` +
        `If it was replaced on purpose: echo ${markerOf(folder).trim()} >${other}/.dimgx-store`,
    );
    expect(readdirSync(other)).toEqual([]);
    writeFileSync(join(other, '.dimgx-store'), 'of-another-service\n');
    await expect(opened(other)).rejects.toThrow('its .dimgx-store is another');
    writeFileSync(join(other, '.dimgx-store'), markerOf(folder));
    await opened(other);
  });

  test('takes nothing once it lacks its id, and is no store', async () => {
    const store = await opened(folder);
    writeFileSync(join(folder, '.dimgx-store'), '');
    const options = { mediaType: 'text/plain', signal };
    const refused = { code: 'STORE_FAILED' };
    await expect(store.check(signal)).rejects.toMatchObject(refused);
    await expect(store.write('a', Buffer.from('x'), options)).rejects.toMatchObject(refused);
    await expect(store.upload('a', options)).rejects.toMatchObject(refused);
    await expect(store.list({ prefix: '', limit: 10, signal })).rejects.toMatchObject(refused);
  });
});
