import { type DimgxError, type Progress, type ProgressListener, toDimgxError } from '@dimgx/core';
import type { AttemptEnd, Job, JobRecords, JobUpload, Span, Tracing } from '@dimgx/queue';
import type { Logger } from 'pino';
import { AttemptLimits } from './attempt-limits.ts';
import { AttemptLog } from './attempt-log.ts';
import { type AttemptWatch, lossOf } from './attempt-watch.ts';
import { PhaseClock } from './phase-clock.ts';
import { ProgressReporter } from './progress-reporter.ts';

/** One attempt at a job, as the work sees it. */
export interface Attempt {
  /** Aborted with the reason as a `DimgxError`: time is up, the worker stops, the job is cancelled, or another one has it. */
  readonly signal: AbortSignal;
  readonly log: Pick<AttemptLog, 'info' | 'warn'>;
  /** Never throws, never waits. */
  readonly report: ProgressListener;
  /** To be asked before something is made final. Throws `WORKER_LOST` or `CANCELLED` if the job is not its own any more. */
  confirm(): Promise<void>;
  /** To be told of an upload before it has bytes, so that it does not outlive the attempt. Throws as `confirm`. */
  begin(upload: JobUpload): Promise<void>;
}

export interface AttemptParts {
  readonly records: Pick<JobRecords, 'report' | 'note' | 'beginUpload' | 'end'>;
  readonly watch: Pick<AttemptWatch, 'watch'>;
  readonly timeoutSeconds: number;
  /** Aborted with an `INTERRUPTED` when the worker can't wait for its jobs any longer. */
  readonly shutdown: AbortSignal;
  /** Aborted when BullMQ gives the job to another worker. */
  readonly lockLost: AbortSignal;
  readonly tracing: Tracing;
  /** Of the attempt. */
  readonly span: Pick<Span, 'traceparent'>;
  readonly log: Logger;
}

const progressInterval = 500;

/** An attempt that holds its job until it ends, or loses it. Its owner closes it. */
export class HeldAttempt implements Attempt {
  readonly signal: AbortSignal;
  readonly log: AttemptLog;
  readonly #id: string;
  readonly #name: string;
  readonly #records: AttemptParts['records'];
  readonly #limits: AttemptLimits;
  readonly #reporter: ProgressReporter;
  readonly #phases: PhaseClock;
  readonly #unwatch: () => void;

  /** `name` is the one that the record knows the attempt by. */
  constructor(
    job: Job,
    name: string,
    { records, watch, timeoutSeconds, shutdown, lockLost, tracing, span, log }: AttemptParts,
  ) {
    const { id } = job;
    this.#id = id;
    this.#name = name;
    this.#records = records;
    this.#limits = new AttemptLimits(job.request.timeoutSeconds ?? timeoutSeconds, lockLost);
    this.signal = AbortSignal.any([this.#limits.signal, shutdown]);
    this.log = new AttemptLog(log, (line) => records.note(id, name, line));
    this.#phases = new PhaseClock((phase) => tracing.begin(`phase ${phase}`, { parent: span.traceparent }));
    this.#reporter = new ProgressReporter(async (progress) => {
      const standing = await records.report(id, name, progress).catch((err: unknown) => {
        log.warn({ err }, 'can not tell its progress');
        return 'held' as const;
      });
      if (standing !== 'held') this.#limits.end(lossOf(id, standing));
    }, progressInterval);
    this.#unwatch = watch.watch(id, name, (reason) => this.#limits.end(reason));
  }

  get progress(): Progress {
    return this.#reporter.latest;
  }

  readonly report = (progress: Progress): void => {
    this.#reporter.report(progress);
    const { latest } = this.#reporter;
    this.log.follow(latest, this.#phases.enter(latest.phase));
  };

  async confirm(): Promise<void> {
    const standing = await this.#records.report(this.#id, this.#name, this.progress);
    if (standing !== 'held') throw lossOf(this.#id, standing);
  }

  async begin(upload: JobUpload): Promise<void> {
    const standing = await this.#records.beginUpload(this.#id, this.#name, upload);
    if (standing !== 'held') throw lossOf(this.#id, standing);
  }

  /** The reason for which the attempt was cut off, or what was thrown. */
  faultOf(thrown: unknown): DimgxError {
    return toDimgxError(this.signal.aborted ? this.signal.reason : thrown);
  }

  /** Resolves when neither progress nor a line of the log is being written. */
  async settle(): Promise<void> {
    await Promise.all([this.#reporter.close(), this.log.close()]);
  }

  /** False, and nothing is changed, if the job was not its own any more. */
  end(how: AttemptEnd): Promise<boolean> {
    return this.#records.end(this.#id, this.#name, how, this.#phases.times);
  }

  /** With the code of the fault that ended it, if one did. */
  close(fault?: string): void {
    this.#phases.end(fault);
    this.#unwatch();
    this.#limits.release();
  }
}
