import { expect, test } from 'vitest';
import { countedFamilies } from '../../src/metrics/counted-families.ts';

const family = (name: string, hash: Record<string, string>) => {
  const found = countedFamilies(hash).find((each) => each.name === name);
  return found ?? expect.fail(`no ${name}`);
};

test('a counter with few labels stands at zero before anything happens', () => {
  const { type, samples } = family('dimgx_jobs_ended_total', { 'jobs_ended_total|flatten|failed': '7' });
  expect(type).toBe('counter');
  expect(samples.map(({ labels, value }) => [labels.kind, labels.state, value])).toEqual([
    ['flatten', 'completed', 0],
    ['flatten', 'failed', 7],
    ['flatten', 'cancelled', 0],
    ['inspect', 'completed', 0],
    ['inspect', 'failed', 0],
    ['inspect', 'cancelled', 0],
  ]);
  expect(family('dimgx_job_attempts_total', {}).samples).toEqual([{ labels: {}, value: 0 }]);
  expect(family('dimgx_job_attempts_total', { job_attempts_total: '2' }).samples).toEqual([
    { labels: {}, value: 2 },
  ]);
});

test('a counter with many values of a label has those that were counted', () => {
  expect(family('dimgx_jobs_failed_total', {}).samples).toEqual([]);
  const hash = { 'jobs_failed_total|NO_SPACE': '2', 'unknown|x': '1', garbage: 'x' };
  expect(family('dimgx_jobs_failed_total', hash).samples).toEqual([
    { labels: { code: 'NO_SPACE' }, value: 2 },
  ]);
});

test('the buckets of a histogram have those below them too, and times are in seconds', () => {
  const { type, samples } = family('dimgx_job_wait_seconds', {
    ...{ 'job_wait_seconds|le|0.1': '2', 'job_wait_seconds|le|5': '1', 'job_wait_seconds|le|+Inf': '1' },
    'job_wait_seconds|sum': '90061500',
  });
  expect(type).toBe('histogram');
  const buckets = samples.flatMap(({ suffix, labels, value }) =>
    suffix === '_bucket' ? [[labels.le, value]] : [],
  );
  expect(Object.fromEntries(buckets)).toMatchObject({ '0.1': 2, 2.5: 2, 5: 3, 86400: 3, '+Inf': 4 });
  expect(samples.slice(-2)).toEqual([
    { suffix: '_sum', labels: {}, value: 90061.5 },
    { suffix: '_count', labels: {}, value: 4 },
  ]);
});

test('each series of a histogram has buckets of its own', () => {
  const { samples } = family('dimgx_job_phase_seconds', {
    ...{ 'job_phase_seconds|plan|le|1': '3', 'job_phase_seconds|plan|sum': '2000' },
  });
  const counts = samples.flatMap(({ suffix, labels, value }) =>
    suffix === '_count' ? [[labels.phase, value]] : [],
  );
  expect(Object.fromEntries(counts)).toEqual({ resolve: 0, fetch: 0, plan: 3, flatten: 0, upload: 0 });
});
