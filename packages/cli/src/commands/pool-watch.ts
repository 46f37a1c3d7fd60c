import type { Job } from '@dimgx/client';
import { poolWarning } from './pool-warning.ts';

interface Service extends Pick<Parameters<typeof poolWarning>[0], 'workers'> {
  readonly jobs: { get(id: string): Promise<Pick<Job, 'state' | 'request' | 'worker'>> };
}

export interface PoolWatch {
  readonly id: string;
  /** Whether it was said already that the job has no worker. */
  readonly isKnown: boolean;
  readonly intervalMs?: number;
  warn(message: string): void;
}

/** Looks now and then whether a job has workers left, and warns each time that it has lost them. Returns what ends that. */
export function watchPool(
  client: Service,
  { id, isKnown, intervalMs = 15_000, warn }: PoolWatch,
): () => void {
  let isSaid = isKnown;
  let isOver = false;
  const look = async (): Promise<void> => {
    const job = await client.jobs.get(id).catch(() => undefined);
    const warning = job === undefined ? undefined : await poolWarning(client, [job]);
    if (isOver) return;
    if (warning !== undefined && !isSaid) warn(warning);
    isSaid = warning !== undefined;
  };
  const timer = setInterval(look, intervalMs);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}
