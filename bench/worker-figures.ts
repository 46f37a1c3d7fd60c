/**
 * Loaded into a worker before it starts, by `--import`: tells over the process's channel what it has used since it was last
 * asked. Its threads load it too, and have nothing to tell.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

export interface WorkerFigures {
  readonly cpuSeconds: number;
  /** Since the process began. */
  readonly peakBytes: number;
  /** How late the event loop came to its timers. */
  readonly delayMs: { readonly median: number; readonly p99: number; readonly longest: number };
}

/** How often the event loop is looked at, which is part of each delay. Milliseconds. */
const resolution = 10;

if (isMainThread && process.send !== undefined) {
  const delays = monitorEventLoopDelay({ resolution });
  let before = process.cpuUsage();
  delays.enable();
  process.on('message', () => {
    const { user, system } = process.cpuUsage(before);
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolution);
    const figures: WorkerFigures = {
      cpuSeconds: (user + system) / 1e6,
      peakBytes: process.resourceUsage().maxRSS * 1024,
      delayMs: {
        median: late(delays.percentile(50)),
        p99: late(delays.percentile(99)),
        longest: late(delays.max),
      },
    };
    process.send?.(figures);
    delays.reset();
    before = process.cpuUsage();
  });
  // It must not keep a worker that has been told to stop.
  process.channel?.unref();
}
