import { constants, openSync } from 'node:fs';

/**
 * A pipe once more, to write without waiting in write(2): whether a descriptor waits is told to all who share it. The
 * caller closes it. Undefined where it does not open: not everybody may open a pipe that another user has made.
 */
export function reopenedPipe(fd: number): number | undefined {
  try {
    return openSync(`/dev/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}
