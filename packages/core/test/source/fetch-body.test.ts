import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fetchBody } from '../../src/source/fetch-body.ts';
import type { ByteTaker } from '../../src/source/read-socket.ts';
import { type ScriptedEngine, scriptedEngine } from './scripted-engine.ts';
import { testFolder } from './test-sources.ts';

const body = randomBytes(3_000_000);

async function fetched(taker: ByteTaker): Promise<ScriptedEngine> {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, { 'GET /large': { body } });
  const address = { path: engine.host.replace('unix://', '') };
  const { signal } = new AbortController();
  try {
    await fetchBody(address, '/large', { taker, signal });
  } finally {
    await expect.poll(() => engine.connections.size).toBe(0);
  }
  return engine;
}

test('a taker that is slow gets no more until it is ready, and in the end all', async () => {
  const pieces: Buffer[] = [];
  let waits = 0;
  let isWaiting = false;
  await fetched({
    add(piece) {
      expect(isWaiting).toBe(false);
      pieces.push(Buffer.from(piece));
    },
    ready() {
      isWaiting = true;
      waits++;
      return nextTurn().then(() => {
        isWaiting = false;
      });
    },
  });
  expect(Buffer.concat(pieces).equals(body)).toBe(true);
  expect(waits).toBeGreaterThan(3);
});

test.each<[situation: string, taker: ByteTaker]>([
  [
    'fails while it takes a piece',
    {
      add() {
        throw new Error('no more');
      },
      ready: () => undefined,
    },
  ],
  ['fails while it is waited for', { add() {}, ready: () => Promise.reject(new Error('no more')) }],
])('a taker that %s ends the transfer', async (_situation, taker) => {
  await expect(fetched(taker)).rejects.toThrow('no more');
});
