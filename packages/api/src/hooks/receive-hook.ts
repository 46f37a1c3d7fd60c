import { DimgxError } from '@dimgx/core';
import type { Triggers } from '@dimgx/queue';
import type { HookRequest, HookTools } from './hook.ts';
import { hookOf, nobody } from './hook-of.ts';

export interface HookParts {
  readonly triggers: Pick<Triggers, 'record' | 'canCheckAll' | 'accept' | 'ignore'>;
  /** For keys and certificates. */
  readonly tools: HookTools;
  /** Throws if the sender has sent enough for now. */
  admit(): Promise<void>;
  /** Asks for an address, as a sender wishes. */
  confirm(url: URL): Promise<unknown>;
}

/**
 * Takes in one webhook; gives how many of its pushes want a job. Throws `UNAUTHORIZED`, the same for a hook that is not
 * there, `SECRET_SEALED` instead while some hook can't be checked, and `REQUEST_INVALID` for what only the sender can have
 * made wrong.
 */
export async function receiveHook(id: string, request: HookRequest, parts: HookParts): Promise<number> {
  const { triggers, tools, admit, confirm } = parts;
  const record = await triggers.record(id);
  const hook = record === undefined ? nobody : hookOf(record, tools);
  if (!(await hook.authenticate(request)) || record === undefined) {
    throw await refusal(triggers);
  }
  await admit();
  const notice = hook.read(request);
  if (notice.kind === 'confirmation') {
    await confirm(notice.url);
    return 0;
  }
  await triggers.ignore(id, notice.ignored);
  return triggers.accept(record.trigger, notice.events, request.trace);
}

/** The same for each hook, so that it tells nobody which there are, or which can't be checked. */
async function refusal(triggers: HookParts['triggers']): Promise<DimgxError> {
  if (await triggers.canCheckAll()) {
    return new DimgxError('UNAUTHORIZED', 'there is no such hook, or this is not what it takes');
  }
  // Senders try again what a server was not able to do.
  return new DimgxError('SECRET_SEALED', 'hooks are refused that may be good ones: try again later');
}
