import { type PooledJob, poolWarning } from './pool-warning.ts';

export interface PoolWatch {
  /** Whether it was said already that jobs have no worker. */
  readonly isKnown: boolean;
  readonly intervalMs?: number;
  /** What is waited for, as it stands. */
  jobs(): Promise<readonly PooledJob[]>;
  warn(message: string): void;
}

/** Looks now and then whether jobs have workers left, and warns each time that they have lost them. Returns what ends that. */
export function watchPool(
  client: Parameters<typeof poolWarning>[0],
  { isKnown, intervalMs = 15_000, jobs, warn }: PoolWatch,
): () => void {
  let isSaid = isKnown;
  let isOver = false;
  const look = async (): Promise<void> => {
    const warning = await poolWarning(client, await jobs().catch(() => []));
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
