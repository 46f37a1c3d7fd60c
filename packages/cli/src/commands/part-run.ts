import { once } from 'node:events';
import { toDimgxError } from '@dimgx/core';
import { connectSupervisor, failedMessage } from '../supervisor.ts';

/** A part that runs until it is closed. */
export interface RunningPart {
  /** What to say of it, to whoever started it. */
  readonly detail: string;
  /** Lets what is being done end. */
  close(): Promise<void>;
}

/** Runs one part of the service until `signal`, or the end of its supervisor, closes it. */
export async function runPart(start: () => Promise<RunningPart>, signal: AbortSignal): Promise<void> {
  const supervisor = connectSupervisor(signal);
  let part: RunningPart;
  try {
    part = await start();
  } catch (error) {
    await supervisor.tell(failedMessage(toDimgxError(error)));
    throw error;
  }
  await supervisor.tell({ kind: 'ready', detail: part.detail });
  if (!supervisor.signal.aborted) await once(supervisor.signal, 'abort');
  await part.close();
}
