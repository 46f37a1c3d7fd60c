import { DimgxError, type ErrorCode } from '@dimgx/core';
import { CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { errorLine, errorWithStack, exitCodeOf, reportedError } from '../src/error-line.ts';

describe('the line of an error', () => {
  test('has the code, the message and the cause', () => {
    const cause = new Error('EACCES: permission denied');
    const error = new DimgxError('TARGET_UNWRITABLE', "can't write x.tar", { cause });
    expect(errorLine(error)).toBe("dimgx: TARGET_UNWRITABLE: can't write x.tar (EACCES: permission denied)");
  });

  test('does not say twice what the message quotes of its cause', () => {
    const error = new DimgxError('DOCKER_FAILED', 'the engine says: no', { cause: new Error('no') });
    expect(errorLine(error)).toBe('dimgx: DOCKER_FAILED: the engine says: no');
  });

  test('has no cause whose meaning the message tells already', () => {
    const cause = new Error('NOAUTH HELLO must be called with the client already authenticated');
    const error = new DimgxError('REDIS_UNREACHABLE', 'no Redis at a: it asks for a password', { cause });
    expect(errorLine(error)).toBe('dimgx: REDIS_UNREACHABLE: no Redis at a: it asks for a password');
    expect(errorWithStack(error)).toContain('NOAUTH');
  });

  test.each([
    ['there is no /x', 'ENOENT', 'no such file or directory, open'],
    ['the folder /x does not exist (make or mount it)', 'ENOENT', 'no such file or directory, stat'],
    ["/x can't be read: permission denied", 'EACCES', 'permission denied, open'],
    ['/x denies access to this user', 'EPERM', 'operation not permitted, mkdir'],
    ["/x can't be read: i/o error", 'EIO', 'i/o error, read'],
    ['no space left for /x', 'ENOSPC', 'no space left on device, write'],
    ['the spool folder /x takes no files (EROFS)', 'EROFS', 'read-only file system, open'],
    ['no engine answers at /x: the connection is refused', 'ECONNREFUSED', 'connect'],
    ['port 1 is in use', 'EADDRINUSE', 'address already in use'],
  ])('does not say twice what the system said: %s', (message, code, words) => {
    const cause = Object.assign(new Error(`${code}: ${words} '/x'`), { code });
    expect(errorLine(new DimgxError('INTERNAL', message, { cause }))).toBe(`dimgx: INTERNAL: ${message}`);
  });

  test.each([
    ["can't write /x", 'ENOENT', 'no such file or directory, open'],
    ['there is no /x', 'ENOTDIR', 'not a directory, open'],
    ['no space left for /x', 'EFBIG', 'file too large, write'],
  ])('says what of it the message does not: %s', (message, code, words) => {
    const cause = Object.assign(new Error(`${code}: ${words} '/x'`), { code });
    expect(errorLine(new DimgxError('INTERNAL', message, { cause }))).toContain(`(${code}: ${words} '/x')`);
  });

  test('tells of TLS what it means, and not where OpenSSL has it from', () => {
    const cause = Object.assign(
      new Error('40AD:error:0A00010B:SSL routines:tls_record:wrong version number:a.c:77:'),
      {
        code: 'ERR_SSL_WRONG_VERSION_NUMBER',
        reason: 'wrong version number',
      },
    );
    expect(errorLine(new DimgxError('SERVICE_UNREACHABLE', 'nothing there', { cause }))).toBe(
      'dimgx: SERVICE_UNREACHABLE: nothing there (TLS fails: wrong version number)',
    );
  });

  test('tells all addresses that were tried', () => {
    const cause = new AggregateError([new Error('connect ::1'), new Error('connect 127.0.0.1')]);
    expect(errorLine(new DimgxError('SERVICE_UNREACHABLE', 'nothing there', { cause }))).toBe(
      'dimgx: SERVICE_UNREACHABLE: nothing there (connect ::1, connect 127.0.0.1)',
    );
  });

  test('stays one line and sends no escape sequence to the terminal', () => {
    const error = new DimgxError('IMAGE_NOT_FOUND', 'no image a\n b\u001b[2J\u009bc\u0000');
    expect(errorLine(error)).toBe('dimgx: IMAGE_NOT_FOUND: no image a b\\x1b[2J\\x9bc\\x00');
  });

  test('takes no longer for spaces than for other text', () => {
    const message = `a${' '.repeat(500_000)}b`;
    expect(errorLine(new DimgxError('USAGE', message))).toBe(`dimgx: USAGE: ${message}`);
  });

  test('is followed by the stacks of all causes when asked for', () => {
    const cause = new Error('deep down');
    const shown = errorWithStack(new DimgxError('INTERNAL', 'oh', { cause }));
    expect(shown).toMatch(/^dimgx: INTERNAL: oh \(deep down\)\n/);
    expect(shown).toContain('DimgxError: oh\n    at ');
    expect(shown).toContain('Error: deep down\n    at ');
  });
});

describe('the exit code', () => {
  test.each<[ErrorCode, number]>([
    ['USAGE', 1],
    ['CONFIG_INVALID', 1],
    ['REFERENCE_INVALID', 1],
    ['LAYER_NOT_FOUND', 3],
    ['LAYER_AMBIGUOUS', 2],
    ['TARGET_EXISTS', 2],
    ['IMAGE_NOT_FOUND', 2],
    ['INTERNAL', 2],
  ])('of %s is %d', (code, exitCode) => expect(exitCodeOf(new DimgxError(code, ''))).toBe(exitCode));
});

describe('what commander finds', () => {
  test('is wrong usage, in one line', () => {
    const thrown = new CommanderError(
      1,
      'commander.unknownOption',
      "error: unknown option '--forc'\n(Did you mean --force?)",
    );
    expect(errorLine(reportedError(thrown))).toBe(
      "dimgx: USAGE: unknown option '--forc' (Did you mean --force?)",
    );
  });

  test('a missing command is told as such', () => {
    const thrown = new CommanderError(1, 'commander.help', '(outputHelp)');
    expect(errorLine(reportedError(thrown))).toBe('dimgx: USAGE: no command given; dimgx --help lists them');
  });
});

test('what is no error of ours becomes one', () => {
  expect(errorLine(reportedError(new TypeError('x is not a function')))).toBe(
    'dimgx: INTERNAL: x is not a function',
  );
  expect(errorLine(reportedError('text'))).toBe('dimgx: INTERNAL: text');
});
