import { DimgxError } from '@dimgx/core';
import { channels, type JobRecords, type Standing, type Subscriptions } from '@dimgx/queue';
import type { Logger } from 'pino';

export interface AttemptWatchSettings {
  readonly records: Pick<JobRecords, 'standing'>;
  readonly subscriptions: Pick<Subscriptions, 'listen'>;
  /** Between two looks at a job of which nothing is heard. Milliseconds. */
  readonly interval: number;
  readonly log: Logger;
}

/** Watches whether attempts still hold their jobs. */
export class AttemptWatch {
  readonly #settings: AttemptWatchSettings;
  readonly #looks = new Map<string, () => void>();
  readonly #stopListening: () => void;

  /** The caller closes the watch. */
  constructor(settings: AttemptWatchSettings) {
    this.#settings = settings;
    this.#stopListening = settings.subscriptions.listen(channels.cancelled, (id) => this.#looks.get(id)?.());
  }

  /**
   * Calls `onLost` once if the job is cancelled or another attempt gets it: as soon as that is heard, or at the next
   * look. Returns what ends the watch.
   */
  watch(id: string, attempt: string, onLost: (reason: DimgxError) => void): () => void {
    const { records, interval, log } = this.#settings;
    let isLooking = false;
    let isOver = false;
    const look = async (): Promise<void> => {
      if (isLooking) return;
      isLooking = true;
      try {
        const standing = await records.standing(id, attempt);
        if (standing === 'held' || isOver) return;
        stop();
        onLost(lossOf(id, standing));
      } catch (err) {
        log.warn({ job: id, err }, "may be cancelled, or another one's: its record can not be read");
      } finally {
        isLooking = false;
      }
    };
    const timer = setInterval(look, interval);
    const stop = () => {
      isOver = true;
      clearInterval(timer);
      if (this.#looks.get(id) === look) this.#looks.delete(id);
    };
    this.#looks.set(id, look);
    return stop;
  }

  close(): void {
    this.#stopListening();
  }
}

/** Why an attempt has to stop that does not hold its job any more. */
export function lossOf(id: string, standing: Exclude<Standing, 'held'>): DimgxError {
  return standing === 'cancelled' ? new DimgxError('CANCELLED', `job ${id} was cancelled`) : workerLost();
}

export function workerLost(): DimgxError {
  return new DimgxError(
    'WORKER_LOST',
    'this worker did not reach Redis for too long, or hung: the job was given back to the queue, for whoever takes it',
  );
}
