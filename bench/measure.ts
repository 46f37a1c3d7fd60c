import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const usageSchema = z.object({
  exitCode: z.number(),
  wallSeconds: z.number(),
  cpuSeconds: z.number(),
  peakBytes: z.number(),
});

/** What a command used, with all the processes that it waited for; `peakBytes` is that of the largest of them. */
export type Usage = Omit<z.output<typeof usageSchema>, 'exitCode'>;

/** Words of a command line; the shell runs it if it is one text. */
export type Command = readonly string[] | string;

/** Runs a command to its end. Throws if it fails, with what it said on stderr. */
export async function measure(command: Command): Promise<Usage> {
  const words = typeof command === 'string' ? ['bash', '-o', 'pipefail', '-c', command] : command;
  const child = spawn('/usr/bin/python3', ['-IS', join(import.meta.dirname, 'rusage.py'), ...words], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [, , errors, report] = child.stdio;
  if (!(errors instanceof Readable && report instanceof Readable))
    throw new Error('two pipes were asked for');
  const [said, told] = await Promise.all([text(errors), text(report), once(child, 'close')]);
  const { exitCode, ...usage } = usageSchema.parse(JSON.parse(told));
  if (exitCode !== 0) throw new Error(`${words.join(' ')} ended with code ${exitCode}: ${said.slice(-500)}`);
  return usage;
}
