import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, hostname, loadavg, totalmem } from 'node:os';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { dimgxVersion, engineVersion } from '@dimgx/core';
import { type Fleet, repeat, type WorkerView } from '@dimgx/queue';
import type { Logger } from 'pino';

export interface AnnouncerSettings {
  readonly fleet: Pick<Fleet, 'announce' | 'leave'>;
  readonly name: string;
  readonly pools: readonly string[];
  /** Jobs of one pool at a time. */
  readonly concurrency: number;
  readonly dockerHost?: string | undefined;
  readonly spoolFolder: string;
  /** Aborted when the worker takes no more jobs, which is told at once. */
  readonly draining: AbortSignal;
  /** Ids of the jobs that are being worked on. */
  readonly jobs: ReadonlySet<string>;
  /** Milliseconds. */
  readonly interval: number;
  readonly log: Logger;
}

const second = 1000;
/** An engine is asked for its version now and then: it may be upgraded while the worker runs. */
const versionKept = 60 * second;
const engineAnswersWithin = 2 * second;
const leavesWithin = second;
/** How often the event loop is looked at, which is part of each delay. Milliseconds. */
const resolution = 10;

/**
 * Tells the service again and again that this worker is there, and how it stands. What it returns stops that and says
 * that the worker is gone. Throws `CONFIG_INVALID` for a Docker host of another form.
 */
export async function startAnnouncer(settings: AnnouncerSettings): Promise<() => Promise<void>> {
  const { fleet, name, interval, draining, log } = settings;
  const startedAt = new Date().toISOString();
  const dockerVersion = keptVersion(settings.dockerHost);
  const delays = monitorEventLoopDelay({ resolution });
  let isStopped = false;
  const announce = async (): Promise<void> => {
    const view = await viewOf(settings, startedAt, await dockerVersion(), processOf(delays));
    if (!isStopped) await fleet.announce(view);
  };
  const unheard = (err: unknown) => {
    if (!isStopped) log.warn({ err }, 'the service does not hear of this worker');
  };
  await announce();
  delays.enable();
  const announcing = repeat(interval, announce, unheard);
  draining.addEventListener('abort', () => void announce().catch(unheard), { once: true });
  return async () => {
    isStopped = true;
    delays.disable();
    const leaving = (async () => {
      await announcing.end();
      await fleet.leave(name);
    })();
    // Where Redis is away, what was announced ends by itself.
    await Promise.race([leaving, delay(leavesWithin, undefined, { ref: false })]);
  };
}

async function viewOf(
  { name, pools, concurrency, spoolFolder, jobs, draining }: AnnouncerSettings,
  startedAt: string,
  dockerVersion: string | undefined,
  own: WorkerView['process'],
): Promise<WorkerView> {
  const disk = await statfs(spoolFolder);
  return {
    ...{ name, host: hostname(), pools: [...pools], capacity: concurrency * pools.length, jobs: [...jobs] },
    draining: draining.aborted,
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

/** Since the last call. */
function processOf(delays: IntervalHistogram): WorkerView['process'] {
  const eventLoopDelayMs = delays.count === 0 ? 0 : Math.max(0, delays.max / 1e6 - resolution);
  delays.reset();
  return { residentBytes: process.memoryUsage.rss(), eventLoopDelayMs };
}

function keptVersion(dockerHost: string | undefined): () => Promise<string | undefined> {
  let version: string | undefined;
  let keptUntil = 0;
  return async () => {
    if (performance.now() < keptUntil) return version;
    const within = AbortSignal.timeout(engineAnswersWithin);
    version = await engineVersion(dockerHost, within).catch((error: unknown) => {
      if (within.aborted) return undefined;
      throw error;
    });
    keptUntil = performance.now() + versionKept;
    return version;
  };
}
