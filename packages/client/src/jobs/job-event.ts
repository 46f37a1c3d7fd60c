import type { ErrorCode } from '../requests/error-code.ts';
import type { JobState, Phase, Progress } from './job.ts';

/** A change of a job's state. */
export interface StateEvent {
  readonly type: 'state';
  /** What `lastEventId` takes, to go on behind this event. */
  readonly id: string;
  readonly at: string;
  readonly state: JobState;
  /** Which attempt begins, counted from 1, and the worker's name. */
  readonly attempt?: number;
  readonly worker?: string;
  /** Of a job that failed, or of an attempt after which the job is queued again. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

/** How far an active job is; steps between two of them may be left out. */
export interface ProgressEvent extends Progress {
  readonly type: 'progress';
}

/** What happens to a job. */
export type JobEvent = StateEvent | ProgressEvent;

/** A line of a job's log: a change of its state, or what an attempt told. */
export interface LogLine {
  /** Names the line, as a cursor. */
  readonly id: string;
  readonly at: string;
  readonly level: 'info' | 'warn' | 'error';
  /** The attempt that it belongs to, counted from 1. */
  readonly attempt?: number;
  readonly phase?: Phase;
  readonly message: string;
}
