import type { LogLine } from '@dimgx/client';
import { oneLine } from '../error-line.ts';
import type { LogsFlags } from './job-options.ts';
import { configuredClient } from './service-address.ts';

/** `dimgx logs`: what the job has told so far; with `--follow`, until its end. */
export async function logs(id: string, flags: LogsFlags, signal: AbortSignal): Promise<void> {
  const { jobs } = configuredClient(signal);
  const lines = flags.follow === true ? jobs.followLogs(id) : jobs.logs(id);
  for await (const line of lines) {
    process.stdout.write(`${flags.json === true ? JSON.stringify(line) : shown(line)}\n`);
  }
}

function shown({ at, level, phase, message }: LogLine): string {
  const told = level === 'info' ? message : `${level}: ${message}`;
  return `${at}  ${(phase ?? '').padEnd(7)}  ${oneLine(told)}`;
}
