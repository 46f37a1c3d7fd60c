/** Whether no time mends it: a name that does not exist, or a port that is no way to a service. */
export function isLasting(fault: unknown): boolean {
  return codeOf(fault) === 'ENOTFOUND' || isBadPort(fault);
}

/** One of the ports that the Fetch standard keeps free for other protocols; the fault has no code. */
export function isBadPort(fault: unknown): boolean {
  return fault instanceof Error && fault.message === 'bad port';
}

/** Whoever refuses a connection has not read what was to be sent. */
export function wasNotSent(fault: unknown): boolean {
  return codeOf(fault) === 'ECONNREFUSED';
}

function codeOf(fault: unknown): unknown {
  return fault instanceof Error && 'code' in fault ? fault.code : undefined;
}
