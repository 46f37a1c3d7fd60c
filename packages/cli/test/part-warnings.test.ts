import { DimgxError } from '@dimgx/core';
import { serviceLog } from '@dimgx/queue';
import { expect, test } from 'vitest';
import { warningFilter } from '../src/up/part-warnings.ts';

/** What is shown of what a part logs. */
function shownOf(tell: (log: ReturnType<typeof serviceLog>) => void): string[] {
  const shown: string[] = [];
  const filter = warningFilter((message) => shown.push(message));
  tell(serviceLog('worker', 'info', { write: filter }));
  return shown;
}

const fault = new DimgxError('LAYER_INVALID', 'layer 0 has no end');
const job = '0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de';

test('warnings and errors are shown, with the job that they are about', () => {
  const shown = shownOf((log) => {
    log.info({ job }, 'begun');
    log.warn('no API key is set');
    log.child({ job }).error({ err: fault }, 'failed');
  });
  expect(shown).toEqual(['no API key is set', `job ${job} failed: layer 0 has no end`]);
});

test('the same is shown once, of another job again', () => {
  const shown = shownOf((log) => {
    for (const id of ['a', 'a', 'b']) log.error({ job: id, err: fault }, 'failed');
  });
  expect(shown).toEqual(['job a failed: layer 0 has no end', 'job b failed: layer 0 has no end']);
});

test('of callbacks that fail, each endpoint is shown once in a while', () => {
  const shown = shownOf((log) => {
    for (const [callback, at] of [
      ['a', 1],
      ['a', 2],
      ['b', 3],
    ] as const) {
      log.warn(
        { callback, job },
        `callback ${callback} has not got job.failed of job ${job}, next try at ${at}`,
      );
    }
  });
  expect(shown).toEqual([
    `callback a has not got job.failed of job ${job}, next try at 1`,
    `callback b has not got job.failed of job ${job}, next try at 3`,
  ]);
});

test('that Redis is away is one line, whatever can not be done meanwhile', () => {
  const cause = new Error("Stream isn't writeable and enableOfflineQueue options is false");
  const err = new DimgxError('REDIS_UNREACHABLE', 'Redis does not answer: not connected', { cause });
  const shown = shownOf((log) => {
    for (const message of ['redis connection', 'queue', 'no upkeep this time']) log.warn({ err }, message);
    log.child({ job }).warn({ err }, 'can not be mended yet');
  });
  expect(shown).toEqual(['Redis does not answer; goes on when it is back']);
});

test('a Redis that is there and refuses is told with why', () => {
  const message = 'Redis can not serve now: it does not take the user name or password of REDIS_URL';
  const err = new DimgxError('REDIS_UNREACHABLE', message);
  const shown = shownOf((log) => {
    for (const line of ['redis connection', 'queue']) log.warn({ err }, line);
  });
  expect(shown).toEqual([`${message}; goes on when it is back`]);
});

test('what is no line of a log is not shown', () => {
  const shown: string[] = [];
  const filter = warningFilter((message) => shown.push(message));
  for (const line of ['    at main.ts:1', '7', 'null', '{"level": "x"}', '']) filter(line);
  expect(shown).toEqual([]);
});
