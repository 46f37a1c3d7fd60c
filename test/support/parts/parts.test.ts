import { beforeAll, expect, test } from 'vitest';
import { needs } from './needs.ts';
import { sharedPart } from './shared-parts.ts';

needs('redis')('the shared Redis', () => {
  test('is the same one for everybody', async () => {
    const [one, another] = await Promise.all([sharedPart('redis'), sharedPart('redis')]);
    expect(another).toEqual(one);
    expect(one.url).toBe(`redis://127.0.0.1:${one.port}`);
  });
});

needs('objectGateway')('the shared object gateway', () => {
  let endpoint: string;
  beforeAll(async () => {
    ({ endpoint } = await sharedPart('objectGateway'));
  });
  test('lists no buckets to a stranger', async () => {
    expect(await (await fetch(endpoint)).text()).toContain('ListAllMyBucketsResult');
  });
});
