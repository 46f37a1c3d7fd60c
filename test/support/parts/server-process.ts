import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Gets all that the server prints; its tail is shown when the server does not come up. */
  readonly logFile: string;
  /** Asked again and again until it says true; a throw means "not yet". */
  isReady(): Promise<boolean>;
  /** Milliseconds; half a minute unless given. */
  readonly readyWithin?: number;
}

/** A server that runs as a child of this process. It gets SIGTERM from the kernel should this process die. */
export interface ServerProcess {
  readonly pid: number;
  /** SIGTERM, then SIGKILL after `graceMilliseconds`; resolves when the process is gone. Harmless twice. */
  stop(graceMilliseconds?: number): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Starts a server and waits until it is ready. Throws, with the log's end, if it ends before or takes too long. */
export async function startServer(server: ServerCommand): Promise<ServerProcess> {
  const log = openSync(server.logFile, 'a');
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', server.command, ...server.args], {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...server.environment },
  });
  closeSync(log);
  await once(child, 'spawn');
  const handle: ServerProcess = {
    pid: child.pid ?? -1,
    stop: (graceMilliseconds = 20_000) => end(child, 'SIGTERM', graceMilliseconds),
    kill: () => end(child, 'SIGKILL', 0),
  };
  try {
    await waitUntilReady(server, child);
  } catch (error) {
    await handle.kill();
    throw error;
  }
  return handle;
}

async function waitUntilReady(server: ServerCommand, child: ChildProcess): Promise<void> {
  const within = server.readyWithin ?? 30_000;
  const deadline = Date.now() + within;
  while (!(await server.isReady().catch(() => false))) {
    if (hasEnded(child))
      throw new Error(`${server.command} ended before it was ready:\n${tail(server.logFile)}`);
    if (Date.now() > deadline) {
      throw new Error(`${server.command} was not ready within ${within} ms:\n${tail(server.logFile)}`);
    }
    await delay(30);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals, graceMilliseconds: number): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const killer = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds);
  await ended;
  clearTimeout(killer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function tail(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
}
