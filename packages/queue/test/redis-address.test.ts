import { expect, test } from 'vitest';
import { redisAddress, shownAddress } from '../src/redis-address.ts';

const plain = { isEncrypted: false, username: undefined, password: undefined };
const one = (host: string, port = 6379) => [{ host, port }];

const rows: [url: string, address: object, shown: string][] = [
  ['redis://localhost', { ...plain, kind: 'single', hosts: one('localhost'), db: 0 }, 'localhost:6379'],
  [
    'redis://:secret@redis.example:6380/3',
    { ...plain, kind: 'single', hosts: one('redis.example', 6380), password: 'secret', db: 3 },
    'redis.example:6380',
  ],
  [
    'rediss://user:secret@redis.example/',
    {
      ...{ kind: 'single', isEncrypted: true, hosts: one('redis.example'), db: 0 },
      ...{ username: 'user', password: 'secret' },
    },
    'redis.example:6379',
  ],
  ['redis://[::1]:7000', { ...plain, kind: 'single', hosts: one('::1', 7000), db: 0 }, '[::1]:7000'],
  [
    'redis+sentinel://one,two:26380/main/2',
    {
      ...{ ...plain, kind: 'sentinel', master: 'main', db: 2 },
      hosts: [...one('one', 26_379), ...one('two', 26_380)],
    },
    'one:26379,two:26380',
  ],
  [
    'rediss+cluster://user:secret@one,[fd00::2]:7001',
    {
      ...{ kind: 'cluster', isEncrypted: true, hosts: [...one('one'), ...one('fd00::2', 7001)] },
      ...{ username: 'user', password: 'secret' },
    },
    'one:6379,[fd00::2]:7001',
  ],
];

test.each(rows)('%s', (url, address, shown) => {
  expect(redisAddress(url)).toEqual(address);
  expect(shownAddress(redisAddress(url))).toBe(shown);
});

test.each([
  ['p%40ss', 'p@ss'],
  ['p@ss:word', 'p@ss:word'],
  ['kJ9/Ab+c==', 'kJ9/Ab+c=='],
  ['50%25', '50%'],
])('a password may hold anything: %s', (written, password) => {
  expect(redisAddress(`redis://:${written}@host:1`)).toMatchObject({ password, hosts: one('host', 1) });
});

test.each([
  ...['', 'localhost:6379', 'http://localhost', 'redis://', 'redis:///x', 'redis://:50%@host'],
  ...[
    'redis://one,two',
    'redis://host/name',
    'redis://host/0?family=6',
    'redis://host:port',
    'redis://host:123456',
  ],
  ...[
    'redis+sentinel://host',
    'redis+sentinel://host/',
    'redis+sentinel://host/main/x',
    'redis+sentinel://,/main',
  ],
  ...['redis+cluster://host/1', 'redis+cluster://', 'redis+other://host'],
])('%j is no Redis URL', (url) => {
  expect(() => redisAddress(url)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('50%@') }),
  );
});
