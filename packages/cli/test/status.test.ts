import type { Job } from '@dimgx/client';
import { expect, test } from 'vitest';
import { faultLine, statusLine } from '../src/commands/status.ts';

const MB = 1_000_000;

test.each<[string, Pick<Job, 'id' | 'state' | 'progress'>, string]>([
  [
    'a job that waits',
    { id: 'a', state: 'queued', progress: { phase: 'resolve', bytes: 0, entries: 0 } },
    'a queued',
  ],
  [
    'one that is worked on',
    { id: 'a', state: 'active', progress: { phase: 'flatten', bytes: MB, totalBytes: 4 * MB, entries: 3 } },
    'a active flatten 1.00 MB of 4.00 MB 25 % 3 entries',
  ],
  [
    'one of which nobody knows how much it is',
    { id: 'a', state: 'active', progress: { phase: 'fetch', bytes: MB, entries: 0 } },
    'a active fetch 1.00 MB 0 entries',
  ],
])('%s', (_situation, job, line) => {
  expect(statusLine(job)).toBe(line);
});

const error = { code: 'DOCKER_UNREACHABLE', message: 'no engine', retryable: true } as const;

test.each<[string, Pick<Job, 'state' | 'error'>, string | undefined]>([
  [
    'of a job that has failed: as of a command',
    { state: 'failed', error },
    'dimgx: DOCKER_UNREACHABLE: no engine',
  ],
  [
    'of one that waits for its next try: as no fault of this command',
    { state: 'queued', error },
    'its last attempt failed: DOCKER_UNREACHABLE: no engine; it will be tried again',
  ],
  [
    'of one that was cancelled between two',
    { state: 'cancelled', error },
    'its last attempt failed: DOCKER_UNREACHABLE: no engine',
  ],
  ['of one without', { state: 'queued' }, undefined],
])('an error %s', (_situation, job, line) => {
  expect(faultLine(job)).toBe(line);
});
