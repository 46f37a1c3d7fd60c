#!/usr/bin/env node
import { CommanderError } from 'commander';
import {
  brokenPipeExitCode,
  type Interruption,
  isBrokenPipe,
  listenForInterruption,
  tellsInterruption,
} from './interruption.ts';
import { createProgram } from './program.ts';

const interruption = listenForInterruption();
const exitCode = await run(interruption);
// Nothing that a library keeps alive (an idle connection, a timer) may hold a finished command back.
process.exit(exitCode);

async function run({ signal }: Interruption): Promise<number> {
  const program = createProgram(signal);
  try {
    await program.parseAsync().catch(unlessAnswered);
    await written(process.stdout, signal);
    if (interruption.stdoutFault !== undefined) throw interruption.stdoutFault;
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    return report(thrown, program.opts().verbose === true);
  }
}

/** commander ends --help and --version by an error too. */
function unlessAnswered(thrown: unknown): void {
  if (!(thrown instanceof CommanderError && thrown.exitCode === 0)) throw thrown;
}

/** Says what went wrong, on stderr, and gives the exit code for it. */
async function report(thrown: unknown, verbose: boolean): Promise<number> {
  const { errorLine, errorWithStack, exitCodeOf, reportedError } = await import('./error-line.ts');
  const { signal, stdoutFault, exitCode } = interruption;
  // What a stopped run throws on its way out matters less than why it was stopped.
  const error = reportedError(signal.aborted && !tellsInterruption(thrown, signal) ? signal.reason : thrown);
  if (error === stdoutFault && isBrokenPipe(error)) return brokenPipeExitCode;
  process.stderr.write(`${verbose ? errorWithStack(error) : errorLine(error)}\n`);
  await written(process.stderr, signal);
  return exitCode ?? exitCodeOf(error);
}

/** Resolves when the stream's reader has all of it, or the stream has failed, or nobody waits any more. */
function written(stream: NodeJS.WriteStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || stream.writableLength === 0) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    stream.write('', () => resolve());
  });
}
