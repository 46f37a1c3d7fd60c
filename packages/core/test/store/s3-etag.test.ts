import { expect, test } from 'vitest';
import { etagOfBytes, etagOfParts } from '../../src/store/s3-etag.ts';

test('the ETag of a part is the md5 of its bytes', () => {
  expect(etagOfBytes(Buffer.from('abc'))).toBe('"900150983cd24fb0d6963f7d28e17f72"');
});

test('the ETag of an object of two parts is the md5 of their md5s, and their number', () => {
  const parts = ['"900150983cd24fb0d6963f7d28e17f72"', 'd41d8cd98f00b204e9800998ecf8427e'];
  // (printf abc | md5sum | xxd -r -p; printf '' | md5sum | xxd -r -p) | md5sum
  expect(etagOfParts(parts.map((ETag) => ({ ETag })))).toBe('"fdf1fdf1567f6942ffe1743f1e72301e-2"');
});
