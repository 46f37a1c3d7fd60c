import { type ChildProcess, spawn } from 'node:child_process';
import { on } from 'node:events';
import { DimgxError, errorCodes } from '@dimgx/core';
import { z } from 'zod';
import type { PartPlan } from './part.ts';
import type { PartLog } from './part-log.ts';
import { warningFilter } from './part-warnings.ts';

const second = 1000;

/** What `dimgx api` and `dimgx worker` tell whoever started them with a channel. */
export const partMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), detail: z.string() }),
  z.object({ kind: z.literal('failed'), code: z.enum(errorCodes), message: z.string() }),
]);

export type PartMessage = z.output<typeof partMessageSchema>;

export interface ServicePart {
  readonly name: string;
  readonly command: 'api' | 'worker';
  readonly environment: Readonly<Record<string, string>>;
  readonly log: PartLog;
  readonly endsWithinMs?: number;
  /** Gets the text of warnings and errors. */
  onWarning(message: string): void;
}

/** The API or a worker: this very command once more, as a process that ends when the channel to us closes. */
export function servicePart({
  name,
  command,
  environment,
  log,
  endsWithinMs,
  onWarning,
}: ServicePart): PartPlan {
  const showWarning = warningFilter(onWarning);
  return {
    name,
    ...(endsWithinMs !== undefined && { endsWithinMs }),
    launch() {
      const [, main = ''] = process.argv;
      const child = spawn(process.execPath, [...process.execArgv, main, command], {
        detached: true,
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      for (const output of [child.stdout, child.stderr]) {
        if (output !== null) log.follow(output, showWarning);
      }
      return child;
    },
    untilReady,
  };
}

/** Its faults come as one message with a code, before it ends. */
async function untilReady(child: ChildProcess, signal: AbortSignal): Promise<string> {
  for await (const [message] of on(child, 'message', { signal })) {
    const parsed = partMessageSchema.safeParse(message);
    if (!parsed.success) continue;
    if (parsed.data.kind === 'ready') return parsed.data.detail;
    throw new DimgxError(parsed.data.code, parsed.data.message);
  }
  throw new DimgxError('INTERNAL', 'the channel to a part ended without a word');
}

/** How long a part that only answers questions may take to end. */
export const answeringEndsWithinMs = 15 * second;
