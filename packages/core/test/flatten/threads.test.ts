import { afterEach, describe, expect, test, vi } from 'vitest';
import { Threads } from '../../src/flatten/threads.ts';

afterEach(() => void vi.useRealTimers());
afterEach(() => void vi.restoreAllMocks());

test('a thread that can not see that it was stopped is ended by force, and the reason is told', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const threads = new Threads();
  const ended = threads.work(new URL('data:text/javascript,for(;;);'), {}, () => {});
  const reason = new Error('enough');
  threads.stop(reason);
  threads.stop(new Error('again'));
  vi.advanceTimersByTime(10_000);
  await expect(ended).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(() => threads.throwIfStopped()).toThrow(reason);
});

describe('a thread that has done its work', () => {
  const script = new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort, threadId } from 'node:worker_threads';
      const hear = (message) => {
        if (message === 'end') parentPort.off('message', hear);
        else parentPort.postMessage({ threadId });
      };
      parentPort.on('message', hear);
    `)}`,
  );
  /** The number of the thread that did it, or failed. */
  const work = async (threads: Threads, fails = false): Promise<number> => {
    let id = -1;
    const heard = threads.work<{ threadId: number }, void>(script, {}, ({ threadId }, thread) => {
      id = threadId;
      if (fails) thread.reject(new Error('failed'));
      else thread.resolve();
    });
    if (fails) await expect(heard).rejects.toThrow('failed');
    else await heard;
    return id;
  };

  test('does the next', async () => {
    const first = await work(new Threads());
    expect(await work(new Threads())).toBe(first);
  });

  test.each([
    ['if it failed', (threads: Threads) => work(threads, true)],
    [
      'if it was stopped',
      (threads: Threads) => {
        threads.stop(new Error('enough'));
        return work(threads);
      },
    ],
    [
      'if it was long at work',
      (threads: Threads) => {
        let now = 0;
        vi.spyOn(performance, 'now').mockImplementation(() => (now += 2_000));
        return work(threads);
      },
    ],
  ])('does not %s', async (_why, earlier) => {
    const first = await earlier(new Threads());
    vi.restoreAllMocks();
    expect(await work(new Threads())).not.toBe(first);
  });

  test('is not asked once nobody has for half a minute', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const first = await work(new Threads());
    vi.advanceTimersByTime(30_000);
    expect(await work(new Threads())).not.toBe(first);
  });

  test('is not asked for work of another priority', async () => {
    const first = await work(new Threads());
    const background = await work(new Threads({ background: true }));
    expect(background).not.toBe(first);
    expect(await work(new Threads({ background: true }))).toBe(background);
  });

  test('at the same time as another is not asked', async () => {
    const threads = new Threads();
    const [one, other] = await Promise.all([work(threads), work(threads)]);
    expect(one).not.toBe(other);
  });
});
