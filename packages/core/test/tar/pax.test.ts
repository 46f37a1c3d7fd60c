import { describe, expect, test } from 'vitest';
import { encodePax, parsePax, paxNumber, paxValue } from '../../src/tar/pax.ts';

describe('PAX records', () => {
  test('come back as they went in, binary values and lengths on the edge of a digit', () => {
    const records = [0, 1, 5, 6, 7, 88, 89, 90, 91, 985, 986].map((length, index) => ({
      key: `key${index}`,
      value: Buffer.alloc(length, Buffer.from([0, 10, 61, 255])),
    }));
    expect(parsePax(encodePax(records))).toEqual(records);
  });

  test.each([
    { name: 'no length', data: 'path=x\n' },
    { name: 'a length beyond the end', data: '99 path=x\n' },
    { name: 'a length that ends within the record', data: '8 path=x\n' },
    { name: 'no newline', data: '10 path=xy' },
    { name: 'no equals sign', data: '8 pathx\n' },
    { name: 'no key', data: '5 =x\n' },
    { name: 'a NUL in the key', data: '8 a\0b=x\n' },
    { name: 'a negative length', data: '-9 path=x\n' },
    { name: 'a length of zero', data: '0 =\n' },
    { name: 'a very long length', data: `${'1'.repeat(20)} a=b\n` },
  ])('are refused with $name', ({ data }) => {
    expect(parsePax(Buffer.from(data))).toBeUndefined();
  });

  test('the last of a key counts, and an empty one is as none', () => {
    const value = (text: string): Buffer => Buffer.from(text);
    const records = [
      { key: 'path', value: value('a') },
      { key: 'path', value: value('b') },
      { key: 'size', value: value('') },
    ];
    expect(paxValue(records, 'path')?.toString()).toBe('b');
    expect(paxValue(records, 'size')).toBeUndefined();
  });

  test.each([
    ['12', 12],
    ['000000000000000000000999', 999],
    ['0', 0],
    ['00000000009007199254740993', undefined],
    ['9007199254740993', undefined],
    ['-1', undefined],
    ['0x1', undefined],
    ['1.5', undefined],
  ])('the number %s is %s', (text, number) => {
    expect(paxNumber(Buffer.from(text))).toBe(number);
  });
});
