import { expect, test } from 'vitest';
import { logText } from '../src/log-text.ts';

test.each([
  ['a plain one', 'the image is sha256:abc, linux/amd64', 'the image is sha256:abc, linux/amd64'],
  ['several lines', 'it broke\n  in two\r\nlines', 'it broke in two lines'],
  ['what moves a terminal', 'a\u001b[2Jb\u0007', 'a [2Jb '],
  ['a URL with a password', 'no https://user:hunter2@host/x', 'no https://…@host/x'],
  ['an e-mail address', 'by a@b.example', 'by a@b.example'],
  [
    'a signed URL',
    'GET https://s3/x?X-Amz-Credential=AKIA%2Fx&X-Amz-Signature=abc&b=1 failed',
    'GET https://s3/x?X-Amz-Credential=…&X-Amz-Signature=…&b=1 failed',
  ],
  ['a header', 'sent Authorization: Bearer abc, got 401', 'sent Authorization: Bearer …, got 401'],
  ['a bearer token', 'no bearer abcdefghijklmnop', 'no bearer …'],
  ['a token', 'token=abc; password: x', 'token=…; password: …'],
  ['words that only sound so', 'the basic idea of a token', 'the basic idea of a token'],
])('%s', (_what, text, expected) => {
  expect(logText(text)).toBe(expected);
});

test('one without end is cut', () => {
  expect(logText('x'.repeat(5000))).toBe(`${'x'.repeat(1000)}…`);
});

test('one of megabytes of blanks costs no more than its start', () => {
  const started = process.cpuUsage();
  expect(logText(`a${' '.repeat(2_000_000)}b`)).toBe('a');
  expect(process.cpuUsage(started).user).toBeLessThan(500_000);
});
