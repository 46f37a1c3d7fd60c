import type { z } from 'zod';

/** A place of a request that is at fault. */
export interface RequestFault {
  /** JSON pointer (RFC 6901) into the request; empty for all of it. */
  readonly pointer: string;
  readonly detail: string;
}

/** What a schema, asked with `plainWords`, has found; `within` is where in the request the value stands. */
export function requestFaults({ issues }: z.ZodError, within = ''): RequestFault[] {
  return issues.flatMap((issue) => {
    const pointer = `${within}${jsonPointer(issue.path)}`;
    if (issue.code !== 'unrecognized_keys') return [{ pointer, detail: issue.message }];
    return issue.keys.map((key) => ({
      pointer: `${pointer}${jsonPointer([key])}`,
      detail: 'is no field that is known here',
    }));
  });
}

function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
