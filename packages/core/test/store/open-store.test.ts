import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';

const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };

describe('the location of a store', () => {
  test.each([
    ['file:/var/lib/dimgx', 'file:/var/lib/dimgx'],
    ['file:///var/lib/dimgx', 'file:/var/lib/dimgx'],
    ['file:data/artifacts/', `file:${resolve('data/artifacts')}`],
    ['file:with a blank', `file:${resolve('with a blank')}`],
    ['s3://images', 's3://images'],
    ['s3://images/', 's3://images'],
    ['s3://images/root/filesystems/', 's3://images/root/filesystems'],
  ])('%s is %s', async (location, expected) => {
    const store = openStore(location, { endpoint: 'http://127.0.0.1:1', credentials });
    expect(store.location).toBe(expected);
    await store.close();
  });

  test.each([
    [''],
    ['images'],
    ['/var/lib/dimgx'],
    ['file:'],
    ['file://host/folder'],
    ['file:/a\0b'],
    ['http://example.org/bucket'],
    ['s3:images'],
    ['s3://'],
    ['s3:///prefix'],
    ['s3://Images'],
    ['s3://key:hunter2@images/prefix'],
    ['s3://images//prefix'],
    ['s3://images/../other'],
    ['s3://images/a b'],
    [`s3://images/${'p/'.repeat(201)}`],
  ])('can not be %j', (location) => {
    const refusal = { code: 'CONFIG_INVALID', message: expect.not.stringContaining('hunter2') };
    expect(() => openStore(location)).toThrow(expect.objectContaining(refusal));
  });

  test('can not be in S3 with settings that make no sense', () => {
    expect(() => openStore('s3://images', { partSize: 1 })).toThrow(/part size/);
  });
});
