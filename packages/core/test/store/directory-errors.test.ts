import { expect, test } from 'vitest';
import { DimgxError, type ErrorCode } from '../../src/errors.ts';
import { directoryError } from '../../src/store/directory-errors.ts';

test.each<[string, ErrorCode, string]>([
  ['EACCES', 'STORE_DENIED', 'denies access to this user'],
  ['EPERM', 'STORE_DENIED', 'denies access to this user'],
  ['EROFS', 'STORE_DENIED', 'is on a read-only file system'],
  ['ELOOP', 'STORE_DENIED', 'has a symbolic link where none may be'],
  ['ENOSPC', 'NO_SPACE', 'has no space left'],
  ['EDQUOT', 'NO_SPACE', "is at its owner's disk quota"],
  ['ENOENT', 'STORE_FAILED', 'does not exist'],
  ['EISDIR', 'STORE_FAILED', 'has a folder where a file should be'],
])('%s is %s', (systemCode, code, says) => {
  const fault = Object.assign(new Error('x'), { code: systemCode });
  const error = directoryError(fault, 'store a.tar', '/srv/artifacts');
  expect(error).toMatchObject({ code, cause: fault });
  expect(error.message).toContain(`can't store a.tar: the folder /srv/artifacts ${says}`);
});

test('another fault is told as it is', () => {
  const error = directoryError(new Error('EIO: i/o error, write'), 'store a.tar', '/srv/artifacts');
  expect(error.message).toBe("can't store a.tar in /srv/artifacts: EIO: i/o error, write");
});

test('a fault that we have told already stays as it is', () => {
  const error = new DimgxError('STORE_FAILED', 'told');
  expect(directoryError(error, 'store a.tar', '/srv')).toBe(error);
});
