import { DimgxError } from '@dimgx/core';
import { expect, test } from 'vitest';
import { connectionFault, overRedis, reasonOf } from '../src/redis-fault.ts';

function reply(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

const rows: [situation: string, thrown: Error, code: string][] = [
  ['the connection is closed', new Error('Connection is closed.'), 'REDIS_UNREACHABLE'],
  ['no answer in time', new Error('Command timed out'), 'REDIS_UNREACHABLE'],
  ['Redis loads its data', reply('LOADING Redis is loading the dataset in memory'), 'REDIS_UNREACHABLE'],
  [
    'a replica after a failover',
    reply("READONLY You can't write against a read only replica."),
    'REDIS_UNREACHABLE',
  ],
  [
    'before Redis 7, a script',
    reply('ERR Error running script (call to f_1): @user_script:7: -OOM command not allowed when'),
    'REDIS_UNREACHABLE',
  ],
  [
    'keys that move between nodes',
    reply('TRYAGAIN Multiple keys request during rehashing of slot'),
    'REDIS_UNREACHABLE',
  ],
  ['its disk is full', reply('MISCONF Errors writing to the AOF file'), 'REDIS_UNREACHABLE'],
  ['a command is wrong', reply('WRONGTYPE Operation against a key'), 'INTERNAL'],
  ['an error with a code of its own', new DimgxError('JOB_NOT_FOUND', 'x'), 'JOB_NOT_FOUND'],
];

test.each(rows)('%s', async (_situation, thrown, code) => {
  const fault = await overRedis(() => Promise.reject(thrown)).catch((error: unknown) => error);
  expect(fault).toMatchObject({ code });
});

test('what ioredis calls a stream that is not writeable is told in plain words', async () => {
  const thrown = new Error("Stream isn't writeable and enableOfflineQueue options is false");
  await expect(overRedis(() => Promise.reject(thrown))).rejects.toThrow(
    'Redis does not answer: not connected',
  );
});

test.each([
  ['a refused connection', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
  ['a closed one', new Error('Connection is closed.')],
])('%s is a fault of the connection', (_situation, error) => {
  expect(connectionFault(error)).toMatchObject({ code: 'REDIS_UNREACHABLE', cause: error });
});

test("an error of BullMQ's own is none of the connection", () => {
  const error = Object.assign(new Error('Missing lock for job 1. moveToFinished'), { code: -2 });
  expect(connectionFault(error)).toBe(error);
});

test.each([
  'Unknown RESP type 72 "H". Please report this.',
  'Protocol error, got "H" as reply type byte. Please report this.',
])('what is no Redis is told as that, and not to be reported: %s', (message) => {
  expect(reasonOf(new Error(message))).toBe('what answers there is no Redis; see REDIS_URL');
});
