import { DimgxError } from '@dimgx/core';
import type { Triggers } from '@dimgx/queue';
import type { HookRequest, HookTools } from './hook.ts';
import { hookOf, nobody } from './hook-of.ts';

export interface HookParts {
  readonly triggers: Pick<Triggers, 'record' | 'accept'>;
  /** For keys and certificates. */
  readonly tools: HookTools;
  /** Throws if the sender has sent enough for now. */
  admit(): Promise<void>;
  /** Asks for an address, as a sender wishes. */
  confirm(url: URL): Promise<unknown>;
}

/**
 * Takes in one webhook; gives how many of its pushes want a job. Throws `UNAUTHORIZED`, the same for a hook that is not
 * there, and `REQUEST_INVALID` for what only the sender can have made wrong.
 */
export async function receiveHook(id: string, request: HookRequest, parts: HookParts): Promise<number> {
  const { triggers, tools, admit, confirm } = parts;
  const record = await triggers.record(id);
  const hook = record === undefined ? nobody : hookOf(record, tools);
  if (!(await hook.authenticate(request)) || record === undefined) {
    throw new DimgxError('UNAUTHORIZED', 'there is no such hook, or this is not what it takes');
  }
  await admit();
  const notice = hook.read(request);
  if (notice.kind === 'pushes') return triggers.accept(record.trigger, notice.events, request.trace);
  await confirm(notice.url);
  return 0;
}
