import { type ErrorCode, errorCodes, type Phase, phases } from '@dimgx/core';
import { z } from 'zod';
import { type JobState, jobStates } from './job-record.ts';
import { keys } from './key-space.ts';
import { readJournal } from './lua/read-journal.ts';
import { fieldsOf, runScript } from './lua/redis-script.ts';
import type { Redis } from './redis-options.ts';
import { rfc3339, timeSchema } from './rfc3339.ts';

export const logLevels = ['info', 'warn', 'error'] as const;

/** A line that an attempt adds to the log of its job. */
export interface AttemptLine {
  readonly level: 'info' | 'warn';
  readonly phase?: Phase | undefined;
  readonly message: string;
}

export const logLineSchema = z.object({
  id: z.string().describe('Names the line, as a cursor'),
  at: timeSchema,
  level: z.enum(logLevels),
  attempt: z.int().optional().describe('Which try of a worker it belongs to; the first is 1'),
  phase: z.enum(phases).optional(),
  message: z.string(),
});

export type LogLine = z.output<typeof logLineSchema>;

/** A change of state, as the journal has it. */
export interface StateChange {
  readonly id: string;
  readonly at: string;
  readonly state: JobState;
  /** Of an attempt that begins. */
  readonly attempt?: number;
  readonly worker?: string;
  /** Of a job that failed, or of an attempt after which it is queued again. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

/** What happened to a job, in its order: its state changed, or an attempt wrote a line. */
export type JournalEntry =
  | { readonly kind: 'state'; readonly change: StateChange }
  | { readonly kind: 'line'; readonly line: LogLine };

/** Whether the text can name an entry of a journal. */
export function isJournalId(text: string): boolean {
  return /^\d{1,15}-\d{1,15}$/.test(text);
}

const fieldsSchema = z.object({
  state: z.enum(jobStates).optional(),
  code: z.enum(errorCodes).optional(),
  worker: z.string().optional(),
  attempt: z.coerce.number().optional(),
  level: z.enum(logLevels).optional(),
  phase: z.enum(phases).or(z.literal('')).optional(),
  message: z.string().optional(),
});

/** Reads what the scripts write down about a job. */
export class JobJournal {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** At most `limit` entries after the one named `after`, oldest first. Throws `REDIS_UNREACHABLE`. */
  async read(id: string, limit: number, after?: string): Promise<JournalEntry[]> {
    const number = after === undefined ? 0 : Number(after.split('-', 2)[1]);
    const found = await runScript(
      this.#redis,
      readJournal,
      [keys.job(id), keys.journal(id)],
      [number, limit],
    );
    return (found as string[]).map(entryOf);
  }
}

/** An entry as a line of the log. */
export function logLineOf(entry: JournalEntry): LogLine {
  if (entry.kind === 'line') return entry.line;
  const { id, at, state, attempt, worker, error } = entry.change;
  const why = error === undefined ? '' : `${error.code}: ${error.message}`;
  if (state === 'active') {
    return { id, at, level: 'info', attempt, message: `attempt ${attempt} begins on worker ${worker}` };
  }
  if (state === 'failed') return { id, at, level: 'error', message: `failed: ${why}` };
  if (state !== 'queued') return { id, at, level: 'info', message: state };
  if (error === undefined) return { id, at, level: 'info', message: 'queued' };
  return { id, at, level: 'warn', message: `queued again: ${why}` };
}

/** An entry is a list: its number, the time in ms, then names and values. */
const entrySchema = z.tuple([z.number(), z.number()], z.union([z.string(), z.number()]));

function entryOf(text: string): JournalEntry {
  const [number, time, ...flat] = entrySchema.parse(JSON.parse(text));
  const fields = fieldsSchema.parse(fieldsOf(flat));
  const { state, code, worker, attempt, level = 'info', phase, message = '' } = fields;
  const id = `${time}-${number}`;
  const at = rfc3339(time);
  if (state !== undefined) {
    const error = code === undefined ? undefined : { code, message };
    return { kind: 'state', change: { id, at, state, attempt, worker, error } };
  }
  return { kind: 'line', line: { id, at, level, attempt, phase: phase === '' ? undefined : phase, message } };
}
