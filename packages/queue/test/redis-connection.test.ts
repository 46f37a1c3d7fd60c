import { expect, test } from 'vitest';
import { connectRedis } from '../src/redis-connection.ts';

test('where no Redis listens, the error says where and why, without the password', async () => {
  const heard: Error[] = [];
  const connecting = connectRedis({ url: 'redis://:secret@127.0.0.1:1' }, 'producer', (error) =>
    heard.push(error),
  );
  const fault = await connecting.catch((error: unknown) => error);
  expect(fault).toMatchObject({
    code: 'REDIS_UNREACHABLE',
    message: expect.stringContaining('127.0.0.1:1: '),
  });
  expect(String(fault)).toContain('ECONNREFUSED');
  expect(String(fault)).not.toContain('secret');
  // It is told once, by what is thrown.
  expect(heard).toEqual([]);
});
