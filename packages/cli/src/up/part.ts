import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { DimgxError, systemCode } from '@dimgx/core';
import { formatDuration } from '../quantity.ts';
import type { PartLog } from './part-log.ts';

const firstPauseMs = 500;
const longestPauseMs = 30_000;
/** A process that lived this long did not die of how it was started. */
const soundAfterMs = 60_000;
const readyWithinMs = 60_000;

/** How one part of the service is run. */
export interface PartPlan {
  readonly name: string;
  /** In a process group of its own, so that a Ctrl-C at the terminal does not reach it past us. */
  launch(): ChildProcess;
  /** Resolves with what to say of it when the process does its work; rejects with the fault that it told. */
  untilReady(child: ChildProcess, signal: AbortSignal): Promise<string>;
  /** How long it may take to end when asked to; without it, as long as it has work. */
  readonly endsWithinMs?: number;
}

/** One process that is started again when it dies. */
export class Part {
  readonly #plan: PartPlan;
  readonly #log: PartLog;
  readonly #say: (line: string) => void;
  readonly #ending = new AbortController();
  #child: ChildProcess | undefined;
  #watching: Promise<void> | undefined;

  constructor(plan: PartPlan, log: PartLog, say: (line: string) => void) {
    this.#plan = plan;
    this.#log = log;
    this.#say = say;
  }

  get name(): string {
    return this.#plan.name;
  }

  /** Resolves when the part is ready for the first time; after that it is kept running until `stop`. */
  async start(signal: AbortSignal): Promise<void> {
    const child = this.#launch();
    this.#say(await this.#ready(child, signal));
    this.#watching = this.#keepRunning(child);
  }

  /** Asks it to end what it does, and waits for that. */
  async stop(): Promise<void> {
    this.#ending.abort();
    const child = this.#child;
    if (child !== undefined && isRunning(child)) {
      child.kill('SIGTERM');
      const { endsWithinMs } = this.#plan;
      const timer = endsWithinMs === undefined ? undefined : setTimeout(() => killGroup(child), endsWithinMs);
      await exit(child);
      clearTimeout(timer);
    }
    await this.#watching;
    await this.#log.close();
  }

  /** At once, whatever it does; synchronous, for the last moment of this process. */
  kill(): void {
    this.#ending.abort();
    if (this.#child !== undefined && isRunning(this.#child)) killGroup(this.#child);
  }

  #launch(): ChildProcess {
    const child = this.#plan.launch();
    // One that could not be started has no process id, which counts as ended.
    child.on('error', (error) => this.#say(error.message));
    this.#child = child;
    return child;
  }

  async #ready(child: ChildProcess, signal: AbortSignal): Promise<string> {
    const waiting = AbortSignal.any([signal, this.#ending.signal]);
    const settled = new AbortController();
    const either = AbortSignal.any([waiting, settled.signal]);
    const tooLate = delay(readyWithinMs, undefined, { signal: either }).then(() => {
      throw this.#failure(`was not ready within ${formatDuration(readyWithinMs)}`);
    });
    const ended = exit(child).then(async (how) => {
      // What it told on its way out is the better fault.
      await lastWords(child);
      throw this.#failure(`ended ${how} before it was ready`);
    });
    try {
      return await Promise.race([this.#plan.untilReady(child, either), ended, tooLate]);
    } catch (error) {
      waiting.throwIfAborted();
      throw error;
    } finally {
      settled.abort();
      tooLate.catch(() => {});
      ended.catch(() => {});
    }
  }

  async #keepRunning(first: ChildProcess): Promise<void> {
    let child: ChildProcess | undefined = first;
    let startedAt = Date.now();
    let pauseMs = firstPauseMs;
    while (!this.#ending.signal.aborted) {
      if (child !== undefined) {
        const how = await exit(child);
        if (this.#ending.signal.aborted) return;
        if (Date.now() - startedAt > soundAfterMs) pauseMs = firstPauseMs;
        this.#say(`ended ${how}; starting it again in ${formatDuration(pauseMs)}, see ${this.#log.file}`);
      }
      await delay(pauseMs, undefined, { signal: this.#ending.signal }).catch(() => {});
      if (this.#ending.signal.aborted) return;
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      startedAt = Date.now();
      child = await this.#startAgain();
    }
  }

  /** Undefined if it failed, which is said. */
  async #startAgain(): Promise<ChildProcess | undefined> {
    const child = this.#launch();
    try {
      this.#say(`${await this.#ready(child, this.#ending.signal)}, again`);
      return child;
    } catch (error) {
      killGroup(child);
      await exit(child);
      if (!this.#ending.signal.aborted) this.#say(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #failure(what: string): DimgxError {
    const { file, lastLine } = this.#log;
    const hint = lastLine === '' ? '' : `: ${lastLine}`;
    return new DimgxError('PART_FAILED', `${this.name} ${what}${hint}; its log is ${file}`);
  }
}

export function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** Also what the process has started itself. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || !isRunning(child)) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}

/** Resolves when the messages of a process that ended are all here. */
async function lastWords(child: ChildProcess): Promise<void> {
  if (child.connected) await once(child, 'disconnect');
  await setImmediate();
}

/** How the process ended, to be read after "ended". */
async function exit(child: ChildProcess): Promise<string> {
  if (isRunning(child)) await Promise.race([once(child, 'exit'), once(child, 'error')]);
  return child.signalCode === null ? `with code ${child.exitCode ?? '?'}` : `by ${child.signalCode}`;
}
