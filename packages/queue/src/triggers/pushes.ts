import { createHash } from 'node:crypto';
import { z } from 'zod';
import { runScript } from '../lua/redis-script.ts';
import type { Redis } from '../redis-options.ts';
import { claimPush } from './lua/claim-push.ts';
import { notePushes } from './lua/note-pushes.ts';
import { settlePush } from './lua/settle-push.ts';
import { type Push, type PushEvent, pushSchema } from './push.ts';
import { triggerKeys as keys } from './trigger-keys.ts';

/** How long a tag must be quiet before its job is made, and after which time it is made in any case. Milliseconds. */
export interface Debounce {
  readonly quiet: number;
  readonly patience: number;
}

export const defaultDebounce: Debounce = { quiet: 3000, patience: 30_000 };

/** How long an event is remembered, and how old one may be that is acted upon. Milliseconds. */
export const eventMemory = 24 * 60 * 60 * 1000;

const leaseLength = 30_000;

/** A push whose job is to be made. */
export interface ClaimedPush {
  readonly trigger: string;
  readonly push: Push;
  /** Of the request that told it. */
  readonly trace: string | undefined;
  /** Its place among the pending ones. */
  readonly name: string;
  /** As it was taken: the same text makes the same job. */
  readonly text: string;
}

const nameSchema = z.tuple([z.string()]).rest(z.string());
const pendingSchema = z.object({ event: z.string() });
const eventSchema = pushSchema.extend({ trace: z.string().optional() });

/** Pushes that want a job each, collapsed to the last one of each tag. Throws `REDIS_UNREACHABLE`. */
export class PendingPushes {
  readonly #redis: Redis;
  readonly #debounce: Debounce;

  constructor(redis: Redis, debounce: Debounce) {
    this.#redis = redis;
    this.#debounce = debounce;
  }

  /** How many of the events were not known. */
  async note(trigger: string, events: readonly PushEvent[], trace?: string): Promise<number> {
    const { quiet, patience } = this.#debounce;
    const args = events.flatMap(({ push, id }) => [
      id === undefined ? '' : keys.seen(trigger, sha256(id)),
      JSON.stringify([trigger, push.registry ?? '', push.repository, push.tag]),
      JSON.stringify({ ...push, trace }),
    ]);
    const noted = await runScript(
      this.#redis,
      notePushes,
      [keys.pending],
      [Date.now(), quiet, patience, eventMemory, ...args],
    );
    return Number(noted);
  }

  async claim(): Promise<ClaimedPush | undefined> {
    const now = Date.now();
    const [name, text] = (await runScript(
      this.#redis,
      claimPush,
      [keys.due],
      [now, now + leaseLength],
    )) as string[];
    if (name === undefined || text === undefined) return undefined;
    const [trigger] = nameSchema.parse(JSON.parse(name));
    const event = pendingSchema.parse(JSON.parse(text)).event;
    const { trace, ...push } = eventSchema.parse(JSON.parse(event));
    return { trigger, push, trace, name, text };
  }

  async settle({ name, text }: ClaimedPush): Promise<void> {
    await runScript(this.#redis, settlePush, [keys.pending], [name, text]);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
