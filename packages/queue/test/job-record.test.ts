import { expect, test } from 'vitest';
import { fromFields, type Job, toFields } from '../src/job-record.ts';

const job: Job = {
  id: '01234567-89ab-7cde-8f01-23456789abcd',
  kind: 'flatten',
  state: 'completed',
  request: { image: 'a', kind: 'flatten', pool: 'default', priority: 'normal', labels: { n: '12' } },
  progress: { phase: 'upload', bytes: 5, totalBytes: 5, entries: 1 },
  result: { image: { reference: 'a', digest: 'sha256:1' }, layers: [{ index: 0, id: '5' }], history: [] },
  attempts: 2,
  worker: 'host-1',
  createdAt: '2026-11-24T00:00:00.000Z',
  startedAt: '2026-11-24T00:00:01.000Z',
  finishedAt: '2026-11-24T00:00:02.000Z',
  expiresAt: '2026-12-01T00:00:02.000Z',
};

test('a job is read as it was written', () => {
  expect(fromFields(Object.fromEntries(toFields(job)))).toEqual({ job, attempt: undefined });
});

test('the attempt that holds the job stands beside it, not in it', () => {
  const record = fromFields({ ...Object.fromEntries(toFields(job)), attempt: 'x' });
  expect(record).toEqual({ job, attempt: 'x' });
});

test('what only a newer version knows of a job hides nothing else, and is named where it matters', () => {
  const newer = {
    ...job,
    request: { ...job.request, sparse: true, priority: 'urgent', compression: { algorithm: 'none' } },
    progress: { ...job.progress, phase: 'sign' },
    error: { code: 'MOON_IN_THE_WAY', message: 'wait', retryable: true },
  };
  expect(fromFields(Object.fromEntries(toFields(newer)))).toEqual({
    job: {
      ...job,
      request: { ...job.request, compression: { algorithm: 'none' } },
      progress: { phase: 'resolve', bytes: 0, entries: 0 },
      error: { code: 'INTERNAL', message: 'wait', retryable: true },
    },
    notUnderstood: ['priority', 'sparse'],
  });
});

test('a record that is none is not taken', () => {
  expect(() => fromFields({ ...Object.fromEntries(toFields(job)), state: 'lost' })).toThrow(/state/);
});
