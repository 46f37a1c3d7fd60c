/** How long jobs may wait, and how long what is left of them is kept. */
export interface JobLifetimes {
  /** After which a job that no worker has taken fails; 0 for never. */
  readonly queueTimeoutSeconds: number;
  /** Of a finished job, all that the service knows of it. */
  readonly recordDays: number;
  /** Of a finished job, its log; at the most as long as the record. */
  readonly logDays: number;
  /** Of an artifact, since a job last made or found it; 0 for ever. */
  readonly artifactDays: number;
}

export const defaultLifetimes: JobLifetimes = {
  queueTimeoutSeconds: 7 * 24 * 60 * 60,
  recordDays: 7,
  logDays: 7,
  artifactDays: 0,
};

export const dayMilliseconds = 24 * 60 * 60 * 1000;

/** When a job that is queued now has waited too long, in ms; '' if never. */
export function waitingEnds({ queueTimeoutSeconds }: JobLifetimes, now: number): number | '' {
  return queueTimeoutSeconds === 0 ? '' : now + queueTimeoutSeconds * 1000;
}

/** When an artifact that is made or found now goes, in ms; '' if never. */
export function artifactGoes({ artifactDays }: JobLifetimes, now: number): number | '' {
  return artifactDays === 0 ? '' : now + artifactDays * dayMilliseconds;
}
