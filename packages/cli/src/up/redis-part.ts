import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DimgxError } from '@dimgx/core';
import type { PartPlan } from './part.ts';
import type { PartLog } from './part-log.ts';
import { identifyProcess, isAlive } from './process-life.ts';

const pollMs = 25;
const answerMs = 2000;
const endsWithinMs = 20_000;
const pidFile = 'redis.pid';

export interface RedisPlace {
  /** Path of the redis-server. */
  readonly command: string;
  /** Where its data lies; nobody else's. */
  readonly folder: string;
  readonly port: number;
  /** Loopback is open to everybody on the machine. */
  readonly password: string;
}

/** A private Redis as a queue wants it: it forgets nothing, neither for lack of memory nor at its end. */
export function redisPart(place: RedisPlace, log: PartLog): PartPlan {
  return {
    name: 'redis',
    endsWithinMs,
    launch() {
      // The kernel ends it with us, however we end: it is the only part that can't watch a channel itself.
      const child = spawn('setpriv', ['--pdeathsig', 'TERM', place.command, '-'], {
        detached: true,
        cwd: place.folder,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      // By stdin, since everybody can read command lines.
      child.stdin.on('error', () => {
        // It ended before it read its configuration; that it ended is told.
      });
      child.stdin.end(configuration(place));
      log.follow(child.stdout, () => {});
      log.follow(child.stderr, () => {});
      return child;
    },
    async untilReady(_child: ChildProcess, signal: AbortSignal) {
      while (!(await answersPing(place))) await delay(pollMs, undefined, { signal });
      return `ready on 127.0.0.1:${place.port}, data in ${place.folder}`;
    },
  };
}

function configuration({ folder, port, password }: RedisPlace): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    'daemonize no',
    `dir ${JSON.stringify(folder)}`,
    `pidfile ${JSON.stringify(join(folder, pidFile))}`,
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    '',
  ].join('\n');
}

/** Inline commands, so that no client is needed. A Redis that still loads its data does not say PONG. */
function answersPing({ port, password }: RedisPlace): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setTimeout(answerMs, () => socket.destroy());
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(answer.includes('+PONG')));
    socket.end(`AUTH ${password}\r\nPING\r\nQUIT\r\n`);
  });
}

/**
 * Waits for the Redis of a run that was killed, which may still be writing; two on one file would spoil it. Throws
 * `PART_FAILED` if it does not end.
 */
export async function awaitFormerRedis(folder: string, signal: AbortSignal): Promise<void> {
  const text = await readFile(join(folder, pidFile), 'utf8').catch(() => '');
  const former = /^\d+\s*$/.test(text) ? await identifyProcess(Number(text)) : undefined;
  if (former === undefined || !(await isRedis(former.pid))) return;
  const deadline = Date.now() + endsWithinMs;
  while (await isAlive(former)) {
    if (Date.now() > deadline) {
      const message = `redis-server, process ${former.pid}, still uses ${folder} after its dimgx up ended; stop it`;
      throw new DimgxError('PART_FAILED', message);
    }
    await delay(pollMs, undefined, { signal });
  }
}

/** Its process id may be another process's by now. */
async function isRedis(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return /redis|valkey/.test(command);
}
