import { toDimgxError } from '@dimgx/core';
import type { Logger } from 'pino';
import { z } from 'zod';
import { keys } from './key-space.ts';
import { findLostUploads } from './lua/find-lost-uploads.ts';
import { fieldsOf, runScript } from './lua/redis-script.ts';
import { overRedis } from './redis-fault.ts';
import type { Redis } from './redis-options.ts';

/** An artifact on its way into the store. */
export interface JobUpload {
  /** Of the artifact, in the store. */
  readonly key: string;
  /** By which the store knows the upload. */
  readonly ticket: string;
}

/** Drops an upload that nobody is at any more. */
export type DiscardUpload = (upload: JobUpload) => Promise<void>;

const uploadSchema = z.object({ key: z.string(), ticket: z.string() });
const discardedAtOnce = 100;

/**
 * Has the uploads discarded of attempts that do not hold their jobs any more: of workers that died, and of those that could
 * not tell the store. One that can't be discarded stays for the next time, unless that would end in the same way.
 */
export async function sweepUploads(redis: Redis, discard: DiscardUpload, log: Logger): Promise<void> {
  const found = await runScript(redis, findLostUploads, [keys.uploads], [discardedAtOnce]);
  for (const [attempt, text] of Object.entries(fieldsOf(found as string[]))) {
    const { key, ticket } = uploadSchema.parse(JSON.parse(text));
    try {
      await discard({ key, ticket });
    } catch (err) {
      log.warn({ artifact: key, err }, 'an upload that was given up can not be removed from the store');
      const { code, retryable } = toDimgxError(err);
      // The others would fare the same.
      if (code === 'STORE_UNREACHABLE') return;
      if (retryable) continue;
    }
    await overRedis(() => redis.hdel(keys.uploads, attempt));
  }
}
