import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceLog } from '@dimgx/queue';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startHeartbeat } from '../src/heartbeat.ts';

const log = serviceLog('test', 'fatal');

describe('the heartbeat of a worker', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dimgx-heartbeat-'));
    file = join(folder, 'worker');
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function age(): Promise<number> {
    return Date.now() - Date.parse((await readFile(file, 'utf8')).trim());
  }

  test('is there when the worker has started', async () => {
    const stop = await startHeartbeat({ file, ping: async () => 'PONG', interval: 60_000, log });
    expect(await age()).toBeLessThan(5000);
    await stop();
  });

  test('goes on while Redis answers, after a time in which it did not', async () => {
    let answers = 0;
    const ping = async () => {
      answers++;
      if (answers < 3) throw new Error('Redis is away');
    };
    const stop = await startHeartbeat({ file, ping, interval: 1, log });
    const before = await readFile(file, 'utf8');
    await vi.waitUntil(async () => (await readFile(file, 'utf8')) > before);
    expect(answers).toBeGreaterThanOrEqual(3);
    await stop();
  });

  test('rests while Redis does not answer, which is asked no second time', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const ping = vi.fn(() => new Promise<never>(() => {}));
    const stop = await startHeartbeat({ file, ping, interval: 10_000, log });
    const before = await readFile(file, 'utf8');
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    expect(ping).toHaveBeenCalledTimes(1);
    expect(await readFile(file, 'utf8')).toBe(before);
    await stop();
  });

  test('leaves nothing behind, even if Redis answers late', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ping = vi.fn(() => promise);
    const stop = await startHeartbeat({ file, ping, interval: 1, log });
    await vi.waitUntil(() => ping.mock.calls.length > 0);
    await stop();
    resolve();
    await promise;
    expect(await readdir(folder)).toEqual([]);
  });

  test('into a folder that is not there', async () => {
    const starting = startHeartbeat({
      file: join(folder, 'none', 'worker'),
      ping: async () => {},
      interval: 1,
      log,
    });
    await expect(starting).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('no such file or directory'),
    });
  });
});
