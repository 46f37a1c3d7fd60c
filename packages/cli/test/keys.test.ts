import { expect, test } from 'vitest';
import { createKey } from '../src/commands/keys.ts';

test.each([
  ['a scope that is none', 'a', { scope: ['root'] }, /^--scope must be read, submit, manage or admin$/],
  ['a time that has passed', 'a', { expires: '2020-01-01T00:00:00Z' }, /^--expires must be in the future$/],
  ['no name', '', {}, /^<name> must not be empty$/],
])('no key is made for %s', async (_situation, name, flags, message) => {
  await expect(createKey(name, flags, new AbortController().signal)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(message),
  });
});
