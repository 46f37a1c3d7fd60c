import { once } from 'node:events';
import { toDimgxError } from '@dimgx/core';
import type { Tracing } from '@dimgx/queue';
import { connectSupervisor, failedMessage, vanish } from '../supervisor.ts';

/** A part that runs until it is closed. */
export interface RunningPart {
  /** What to say of it, to whoever started it. */
  readonly detail: string;
  /** Lets what is being done end; called again: at once. */
  close(): Promise<void>;
}

/** Runs one part of the service until `signal`, or the end of its supervisor, closes it. */
export async function runPart(start: () => Promise<RunningPart>, signal: AbortSignal): Promise<void> {
  const supervisor = connectSupervisor();
  let part: RunningPart;
  try {
    part = await start();
  } catch (error) {
    await supervisor.tell(failedMessage(toDimgxError(error)));
    throw error;
  }
  await supervisor.tell({ kind: 'ready', detail: part.detail });
  const end = AbortSignal.any([signal, supervisor.gone]);
  if (!end.aborted) await once(end, 'abort');
  const closing = part.close();
  const hurry = (): void => void part.close();
  if (supervisor.gone.aborted) hurry();
  else supervisor.gone.addEventListener('abort', hurry, { once: true });
  await closing;
  if (supervisor.gone.aborted) vanish();
}

/** The traces of what a part did at its end go out too. */
export async function closeTraced(
  part: Pick<RunningPart, 'close'>,
  tracing: Tracing | undefined,
): Promise<void> {
  await part.close();
  await tracing?.close();
}
