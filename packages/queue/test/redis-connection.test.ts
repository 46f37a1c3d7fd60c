import { expect, test } from 'vitest';
import { connectRedis, redisAddress } from '../src/redis-connection.ts';

test.each([
  ['redis://localhost', 'localhost:6379'],
  ['redis://:secret@redis.example:6380/3', 'redis.example:6380'],
  ['rediss://user:secret@redis.example', 'redis.example:6379'],
])('of %s only %s is shown', (url, address) => {
  expect(redisAddress(url)).toBe(address);
});

test.each(['', 'localhost:6379', 'http://localhost', 'redis://', 'redis:///x'])(
  '%j is no Redis URL',
  (url) => {
    expect(() => redisAddress(url)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  },
);

test('where no Redis listens, the error says where and why, without the password', async () => {
  const heard: Error[] = [];
  const connecting = connectRedis('redis://:secret@127.0.0.1:1', 'producer', (error) => heard.push(error));
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
