import { afterEach, expect, test, vi } from 'vitest';
import { lastWord, Threads } from '../../src/flatten/threads.ts';

afterEach(() => void vi.useRealTimers());

test('a thread that can not see that it was stopped is ended by force, and the reason is told', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const threads = new Threads();
  const worker = threads.start(new URL('data:text/javascript,for(;;);'), {});
  const ended = lastWord(worker, () => {});
  const reason = new Error('enough');
  threads.stop(reason);
  threads.stop(new Error('again'));
  vi.advanceTimersByTime(10_000);
  await expect(ended).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(() => threads.throwIfStopped()).toThrow(reason);
});
