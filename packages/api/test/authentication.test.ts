import { expect, test } from 'vitest';
import { isLoopback } from '../src/authentication.ts';

test.each(['127.0.0.1', '127.8.9.1', 'localhost', '::1', '[::1]', 'LOCALHOST'])(
  '%s is this machine',
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

test.each(['0.0.0.0', '::', '10.0.0.1', 'example.com', 'localhost.example.com', '127.0.0.1.example.com', ''])(
  '%j may be reached from elsewhere',
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);
