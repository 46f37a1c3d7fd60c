import { DimgxError } from '@dimgx/core';
import { faultOf } from '../client/service-fault.ts';

/** What was waited for, and the commands that deal with it. */
export interface GoingOn {
  /** Such as `job`, with its plural. */
  readonly noun: readonly [one: string, several: string];
  readonly ids: readonly string[];
  readonly show: string;
  readonly cancel: string;
}

/** More of them are told by their number: each has been named when it was submitted. */
const mostNamed = 5;

/** The error, or why the run was stopped, with what goes on in the service all the same. */
export function withGoingOn(error: unknown, signal: AbortSignal, left: GoingOn): unknown {
  if (left.ids.length === 0) return error;
  const fault = faultOf(signal.aborted ? signal.reason : error);
  // Whoever reads no more of stdout is told nothing.
  if (signal.aborted && fault.code !== 'INTERRUPTED') return error;
  // Redis has lost it.
  if (fault.code === 'JOB_NOT_FOUND' || fault.code === 'BATCH_NOT_FOUND') return error;
  const cause = signal.aborted ? signal.reason : fault.cause;
  return new DimgxError(fault.code, `${fault.message}; ${goesOn(left)}`, { cause });
}

function goesOn({ noun: [one, several], ids, show, cancel }: GoingOn): string {
  const [id = ''] = ids;
  if (ids.length === 1)
    return `${one} ${id} goes on: dimgx ${show} ${id} shows it, dimgx ${cancel} ${id} stops it`;
  const named = ids.length > mostNamed ? `${ids.length} ${several}` : `${several} ${ids.join(', ')}`;
  return `${named} go on: dimgx ${show} ID shows one, dimgx ${cancel} ID stops it`;
}
