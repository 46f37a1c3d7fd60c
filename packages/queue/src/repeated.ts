/** Work that is done again and again, one round at a time. */
export interface Repeated {
  /** Does it now, unless it is being done. */
  now(): void;
  /** Resolves when it is not being done any more. */
  end(): Promise<void>;
}

/** Does `work` every `interval` milliseconds. Of faults that follow each other, `onFault` gets the first. */
export function repeat(
  interval: number,
  work: () => Promise<void>,
  onFault: (error: unknown) => void,
): Repeated {
  let round: Promise<void> | undefined;
  let isFaulty = false;
  let isOver = false;
  const now = (): void => {
    if (isOver) return;
    round ??= work()
      .then(() => {
        isFaulty = false;
      })
      .catch((error: unknown) => {
        if (!isFaulty) onFault(error);
        isFaulty = true;
      })
      .finally(() => {
        round = undefined;
      });
  };
  const timer = setInterval(now, interval);
  return {
    now,
    async end() {
      isOver = true;
      clearInterval(timer);
      await round;
    },
  };
}
