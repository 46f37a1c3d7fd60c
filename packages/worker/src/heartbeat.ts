import { rm, writeFile } from 'node:fs/promises';
import { DimgxError, systemWords } from '@dimgx/core';
import type { Logger } from 'pino';

export interface HeartbeatOptions {
  readonly file: string;
  /** Throws, or does not answer, where Redis doesn't. */
  readonly ping: () => Promise<unknown>;
  /** Milliseconds. */
  readonly interval: number;
  readonly log: Logger;
}

/**
 * Writes the time to a file again and again for as long as Redis answers, so that the file's age tells a health check
 * how this process is. What it returns stops that and removes the file.
 *
 * Throws `CONFIG_INVALID` if the file can't be written.
 */
export async function startHeartbeat(options: HeartbeatOptions): Promise<() => Promise<void>> {
  const { file, ping, interval, log } = options;
  const write = () => writeFile(file, `${new Date().toISOString()}\n`);
  await write().catch((cause: unknown) => {
    const message = `the heartbeat file ${file} can't be written: ${systemWords(cause)}`;
    throw new DimgxError('CONFIG_INVALID', message, { cause });
  });
  let isStopped = false;
  let asking = false;
  let writing = Promise.resolve();
  const beat = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    try {
      await ping();
      if (!isStopped) writing = write();
      await writing;
    } catch (error) {
      if (!isStopped) log.warn({ err: error }, 'no heartbeat');
    } finally {
      asking = false;
    }
  };
  const timer = setInterval(beat, interval);
  return async () => {
    isStopped = true;
    clearInterval(timer);
    await writing.catch(() => {});
    await rm(file, { force: true });
  };
}
