import { phases } from '@dimgx/core';
import { eventTypes } from '../callbacks/callback-delivery.ts';
import { origins } from '../job-indexes.ts';
import { finalStates } from '../job-record.ts';
import { jobKinds } from '../job-request.ts';
import { keyPrefix } from '../key-space.ts';

/** What the service has counted since its Redis is new: a hash of series, each a name and its labels' values. */
export const metricsKey = `${keyPrefix}:metrics`;

/** Between the parts of a series; no name and no label's value has it. */
export const separator = '|';

/** How an attempt at a callback may come out. */
export const callbackOutcomes = ['delivered', 'retried', 'given_up'] as const;
export type CallbackOutcome = (typeof callbackOutcomes)[number];

export interface Counted {
  readonly help: string;
  /** All values of each label, for the series that stand at zero before anything happens; none where they are many. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

/** Names without `dimgx_`, as Prometheus wants them. The scripts name them too. */
export const counters = {
  jobs_submitted_total: {
    help: 'Jobs that were recorded, by what made them: a request of their own, a batch, a schedule or a trigger.',
    labels: { kind: jobKinds, origin: ['request', ...origins] },
  },
  jobs_ended_total: {
    help: 'Jobs that have ended, by how.',
    labels: { kind: jobKinds, state: finalStates },
  },
  jobs_failed_total: {
    help: 'Jobs that have failed, by the code of their error; docs/errors.md explains each.',
    labels: { code: [] },
  },
  job_attempts_total: {
    help: 'Attempts at jobs that workers have begun; more than one of a job if it was tried again.',
    labels: {},
  },
  job_retries_total: {
    help: 'Attempts after which their job was queued again, by why: INTERRUPTED is a worker that was stopped, WORKER_LOST one that died or hung.',
    labels: { code: [] },
  },
  artifact_cache_hits_total: {
    help: 'Flatten jobs that completed with an artifact that was in the store already.',
    labels: {},
  },
  artifact_cache_misses_total: {
    help: 'Flatten jobs that completed by making their artifact.',
    labels: {},
  },
  layers_read_bytes_total: {
    help: 'Bytes of the layers that completed jobs have flattened, as their sources store them.',
    labels: {},
  },
  tars_written_bytes_total: {
    help: 'Bytes of the tars that completed jobs have made, before compression.',
    labels: {},
  },
  artifacts_stored_bytes_total: {
    help: 'Bytes of the artifacts that completed jobs have stored.',
    labels: {},
  },
  callbacks_total: {
    help: 'Attempts to deliver a callback, by how they came out: delivered, retried (failed, and to be made again) or given_up (the last one, or the endpoint is disabled).',
    labels: { event: eventTypes, outcome: callbackOutcomes },
  },
} as const satisfies Record<string, Counted>;

export const histograms = {
  job_wait_seconds: {
    help: 'From the submission of a job to the beginning of its first attempt.',
    labels: {},
  },
  job_duration_seconds: {
    help: 'From the submission of a job to its end, waiting and all attempts included.',
    labels: { kind: jobKinds, state: finalStates },
  },
  job_phase_seconds: {
    help: 'What attempts have spent in each phase, whether they succeeded or failed; not those that were cancelled or whose worker died.',
    labels: { phase: phases },
  },
} as const satisfies Record<string, Counted>;

export type CounterName = keyof typeof counters;

/** Upper bounds of the buckets of all histograms, in seconds; others would need other names for the series in Redis. */
export const bounds = [
  ...(['0.1', '0.5', '1', '2.5', '5', '10', '30', '60', '300', '900'] as const),
  ...(['1800', '3600', '10800', '21600', '86400'] as const),
] as const;
