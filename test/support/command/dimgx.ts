import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Shared by all runs: most of what a short run costs is to compile its modules. */
const compileCache = fileURLToPath(new URL('../../../node_modules/.cache/dimgx-tests', import.meta.url));
const main = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url));

export interface Outcome {
  /** The exit code; of a process that a signal ended, its name. */
  readonly code: number | string;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  /** What it has printed on both streams so far, for conditions to wait for. */
  readonly printed: () => string;
  /** Resolves when the process has ended and all of its output is there. */
  readonly outcome: Promise<Outcome>;
}

/** The words of a command line that runs `dimgx` from its sources, so that no build is needed. */
export function commandLine(args: readonly string[]): string[] {
  return [process.execPath, '--conditions=dimgx-source', main, ...args];
}

const running = new Set<ChildProcess>();

/** Starts `dimgx`. Settings of the machine do not reach it. */
export function startDimgx(args: readonly string[], options: SpawnOptions = {}): RunningCommand {
  const [node = '', ...words] = commandLine(args);
  const child = spawn(node, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: { ...neutralEnvironment(), NODE_COMPILE_CACHE: compileCache, ...options.env },
  });
  running.add(child);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  const outcome = once(child, 'close').then(() => {
    running.delete(child);
    return {
      code: child.exitCode ?? child.signalCode ?? -1,
      stdout: Buffer.concat(stdout),
      stderr: Buffer.concat(stderr).toString(),
    };
  });
  return { child, printed: () => Buffer.concat([...stdout, ...stderr]).toString(), outcome };
}

/** Ends what tests that failed have left running. To be called after each test. */
export function killRemaining(): void {
  for (const child of running) child.kill('SIGKILL');
}

export function dimgx(args: readonly string[], options: SpawnOptions = {}): Promise<Outcome> {
  return startDimgx(args, options).outcome;
}

/** The one line that a failed command prints. */
export function fault(outcome: Outcome): string {
  return outcome.stderr.trimEnd().split('\n').at(-1) ?? '';
}

function neutralEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(DIMGX_|AWS_|S3_|OTEL_|REDIS_|DOCKER_HOST$|NO_COLOR$|COLUMNS$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
