import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, hostname, loadavg, totalmem } from 'node:os';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { dimgxVersion } from '@dimgx/core';
import { type Fleet, repeat, type WorkerView } from '@dimgx/queue';
import type { Logger } from 'pino';
import type { EngineWatch } from './engine-watch.ts';
import type { Outages } from './outages.ts';

export interface AnnouncerSettings {
  readonly fleet: Pick<Fleet, 'announce' | 'leave'>;
  readonly name: string;
  readonly pools: readonly string[];
  /** Jobs of one pool at a time. */
  readonly concurrency: number;
  readonly engine: Pick<EngineWatch, 'version'>;
  readonly spoolFolder: string;
  /** Aborted when the worker takes no more jobs, which is told at once. */
  readonly draining: AbortSignal;
  /** What keeps the worker from taking jobs. */
  readonly outages: Pick<Outages, 'current'>;
  /** Ids of the jobs that are being worked on. */
  readonly jobs: ReadonlySet<string>;
  /** Milliseconds. */
  readonly interval: number;
  readonly log: Logger;
}

const second = 1000;
const leavesWithin = second;
/** How long the end of one job and the begin of the next have, to be told as one. Milliseconds. */
const toldWithin = 200;
/** How often the event loop is looked at, which is part of each delay. Milliseconds. */
const resolution = 10;

export interface Announcer {
  /** To be called when `jobs` has changed: that is told soon, rather than in its turn. */
  jobsChanged(): void;
  /** Says that the worker is gone, and no more. */
  end(): Promise<void>;
}

/**
 * Tells the service again and again that this worker is there, and how it stands. Throws `CONFIG_INVALID` for a Docker
 * host of another form.
 */
export async function startAnnouncer(settings: AnnouncerSettings): Promise<Announcer> {
  const { fleet, name, interval, draining, log } = settings;
  const startedAt = new Date().toISOString();
  const delays = monitorEventLoopDelay({ resolution });
  let isStopped = false;
  const announce = async (): Promise<void> => {
    const view = await viewOf(settings, startedAt, processOf(delays));
    if (!isStopped) await fleet.announce(view);
  };
  const unheard = (err: unknown) => {
    if (!isStopped) log.warn({ err }, 'the service does not hear of this worker');
  };
  await announce();
  delays.enable();
  const announceInTurn = () => {
    const announced = announce();
    // What is told in between is of the same time.
    delays.reset();
    return announced;
  };
  const announcing = repeat(interval, announceInTurn, unheard);
  draining.addEventListener('abort', () => void announce().catch(unheard), { once: true });
  let soon: NodeJS.Timeout | undefined;
  return {
    jobsChanged() {
      soon ??= setTimeout(() => {
        soon = undefined;
        // Where that is not heard, it is told in its turn.
        void announce().catch(() => undefined);
      }, toldWithin);
    },
    async end() {
      isStopped = true;
      clearTimeout(soon);
      delays.disable();
      const leaving = (async () => {
        await announcing.end();
        await fleet.leave(name);
      })();
      // Where Redis is away, what was announced ends by itself.
      await Promise.race([leaving, delay(leavesWithin, undefined, { ref: false })]);
    },
  };
}

async function viewOf(
  { name, pools, concurrency, engine, spoolFolder, jobs, draining, outages }: AnnouncerSettings,
  startedAt: string,
  own: WorkerView['process'],
): Promise<WorkerView> {
  const dockerVersion = await engine.version();
  const disk = await statfs(spoolFolder);
  return {
    ...{ name, host: hostname(), pools: [...pools], capacity: concurrency * pools.length, jobs: [...jobs] },
    draining: draining.aborted,
    outages: [...outages.current],
    version: dimgxVersion,
    nodeVersion: process.version,
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
    ...(dockerVersion !== undefined && { dockerVersion }),
    cpus: availableParallelism(),
    load: loadavg(),
    memory: { free: freemem(), total: totalmem() },
    spool: { free: disk.bavail * disk.bsize, total: disk.blocks * disk.bsize },
    process: own,
    startedAt,
    seenAt: new Date().toISOString(),
  };
}

function processOf(delays: IntervalHistogram): WorkerView['process'] {
  const eventLoopDelayMs = delays.count === 0 ? 0 : Math.max(0, delays.max / 1e6 - resolution);
  return { residentBytes: process.memoryUsage.rss(), eventLoopDelayMs };
}
