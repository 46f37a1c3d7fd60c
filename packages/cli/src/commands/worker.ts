import { openTracing, serviceLog } from '@dimgx/queue';
import { startWorker } from '@dimgx/worker';
import { readConfiguration } from '../configuration/configuration.ts';
import { redisSettings } from '../configuration/redis-settings.ts';
import { fleetNames, lifetimesOf, s3Settings } from '../configuration/store-settings.ts';
import { closeTraced, runPart } from './part-run.ts';
import { warnOfFileSources, warnOfUnknownVariables } from './warnings.ts';

/** `dimgx worker`: resolves when the worker has been closed. */
export async function worker(signal: AbortSignal): Promise<void> {
  warnOfUnknownVariables();
  const configuration = readConfiguration(wanted, {}, process.env);
  const { dockerHost, temporary, heartbeatFile, logLevel, redisUrl, store } = configuration;
  const { fileSources, concurrency, pools, limits, timeout, drainTimeout } = configuration;
  await warnOfFileSources(fileSources);
  const log = serviceLog('worker', logLevel);
  const tracing = await openTracing('dimgx-worker', process.env, log);
  await runPart(async () => {
    const running = await startWorker({
      ...{ store, fileSources, concurrency, pools, log },
      redis: redisSettings(redisUrl, configuration),
      timeoutSeconds: timeout,
      shutdownGrace: drainTimeout * 1000,
      s3: s3Settings(configuration),
      lifetimes: lifetimesOf(configuration),
      ...(dockerHost !== undefined && { dockerHost }),
      ...(temporary !== undefined && { spoolFolder: temporary }),
      ...(heartbeatFile !== undefined && { heartbeatFile }),
      ...(limits !== undefined && { limits }),
      ...(tracing !== undefined && { tracing }),
    });
    return { detail: `ready for pool ${pools.join(', ')}`, close: () => closeTraced(running, tracing) };
  }, signal);
}

const wanted = {
  names: [
    ...fleetNames,
    ...(['dockerHost', 'temporary', 'limits', 'timeout', 'concurrency', 'pools'] as const),
    ...(['drainTimeout', 'heartbeatFile'] as const),
  ],
  needed: ['redisUrl', 'store'],
} as const;
