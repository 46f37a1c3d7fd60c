import { expect, test } from 'vitest';
import { firstItems } from '../src/client/first-items.ts';

test.each([
  [2, [1, 2], 2],
  [3, [1, 2, 3], 3],
  [9, [1, 2, 3], 3],
])('of at most %i items no more are read', async (limit, expected, read) => {
  let given = 0;
  async function* items() {
    for (const item of [1, 2, 3]) {
      given++;
      yield item;
    }
  }
  expect(await Array.fromAsync(firstItems(items(), limit))).toEqual(expected);
  expect(given).toBe(read);
});
