import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { DimgxError, reopenedPipe, systemCode } from '@dimgx/core';
import { type Target, targetFault } from './target.ts';

/** How often to look whether a fifo has got its reader. */
const fifoPollMs = 50;

/**
 * The process's stdout. Refuses a terminal with `USAGE`. It is written by descriptor, but for what the engine could
 * not stop waiting for: that goes through Node's stream.
 */
export function openStdoutTarget(signal: AbortSignal): Target {
  if (isatty(1)) {
    throw new DimgxError('USAGE', 'stdout is a terminal; redirect it, or name a file with -t PATH');
  }
  const stdout = fstatSync(1);
  if (stdout.isFIFO() ? opensAgain(1) : !stdout.isSocket()) {
    const sink = { kind: 'file', fd: 1, name: 'stdout' } as const;
    return { key: '-', sink, commit: async () => {}, discard: async () => {} };
  }
  return {
    key: '-',
    sink: { kind: 'chunks', write: (chunk) => written(process.stdout, 'stdout', chunk, signal) },
    commit: async () => {},
    discard: async () => {},
  };
}

/** Only then can the engine stop waiting for the pipe's reader. */
function opensAgain(fd: number): boolean {
  const reopened = reopenedPipe(fd);
  if (reopened !== undefined) closeSync(reopened);
  return reopened !== undefined;
}

/** What the engine met at stdout counts like what Node's stream meets there: the run is stopped by it. */
export function passToStdout(thrown: unknown): void {
  if (thrown instanceof DimgxError && systemCode(thrown.cause) === 'EPIPE')
    process.stdout.emit('error', thrown.cause);
}

/** `/dev/null`, a disk: written straight. */
export async function openDeviceTarget(path: string): Promise<Target> {
  const handle = await open(path, constants.O_WRONLY | constants.O_NOCTTY);
  if (isatty(handle.fd)) {
    await handle.close();
    throw new DimgxError('USAGE', `${path} is a terminal; name a file`);
  }
  const close = (): Promise<void> => handle.close();
  return {
    key: path,
    sink: { kind: 'file', fd: handle.fd, name: path },
    commit: async () => {
      await handle.datasync().catch((error) => {
        // Not every device can be synced; one that can tells of lost blocks here.
        if (systemCode(error) !== 'EINVAL') throw targetFault(path, error);
      });
      await close();
    },
    discard: close,
  };
}

/** A fifo: waits for its reader, which ends the stream when we do. */
export async function openFifoTarget(path: string, signal: AbortSignal): Promise<Target> {
  const fd = await openFifo(path, signal);
  const socket = new Socket({ fd, readable: false, writable: true });
  socket.on('error', () => {
    // Each write reports its own fault.
  });
  return {
    key: path,
    sink: { kind: 'chunks', write: (chunk) => written(socket, path, chunk, signal) },
    commit: () => new Promise((resolve) => socket.end(() => resolve())),
    discard: async () => {
      socket.destroy();
    },
  };
}

async function openFifo(path: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    signal.throwIfAborted();
    try {
      // A plain open would block a thread until there is a reader, and the process could not end before.
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (systemCode(error) !== 'ENXIO') throw error;
    }
    await delay(fifoPollMs);
  }
}

/** Resolves when the stream has taken the chunk; rejects when it can't, or when the run is stopped meanwhile. */
function written(stream: Writable, path: string, chunk: Uint8Array, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    stream.write(chunk, (error) => {
      signal.removeEventListener('abort', stop);
      if (error === null || error === undefined) resolve();
      else reject(targetFault(path, error));
    });
  });
}
