import { startApi } from '@dimgx/api';
import { defaultRetryPolicy, openTracing, serviceLog } from '@dimgx/queue';
import { readConfiguration } from '../configuration/configuration.ts';
import { redisSettings } from '../configuration/redis-settings.ts';
import { fleetNames, lifetimesOf, s3Settings } from '../configuration/store-settings.ts';
import { closeTraced, runPart } from './part-run.ts';
import type { ApiFlags } from './service-options.ts';
import { warnOfUnknownVariables } from './warnings.ts';

/** `dimgx api`: resolves when the API has been closed. */
export async function api(flags: ApiFlags, signal: AbortSignal): Promise<void> {
  const wanted = {
    names: [
      ...fleetNames,
      ...(['host', 'port', 'apiKey', 'rateLimit', 'hookRateLimit', 'eventStreams'] as const),
      ...(['callbackNetworks', 'secretsKey'] as const),
    ],
    needed: ['redisUrl', 'store'],
  } as const;
  warnOfUnknownVariables();
  const configuration = readConfiguration(wanted, { ...flags }, process.env);
  const { apiKey, rateLimit, hookRateLimit, callbackNetworks: networks, ...others } = configuration;
  const { attempts, logLevel, ...settings } = others;
  const log = serviceLog('api', logLevel);
  const tracing = await openTracing('dimgx-api', process.env, log);
  await runPart(async () => {
    const running = await startApi({
      ...settings,
      redis: redisSettings(settings.redisUrl, configuration),
      s3: s3Settings(configuration),
      lifetimes: lifetimesOf(configuration),
      apiKeys: apiKey === undefined ? [] : [apiKey],
      requestsPerMinute: rateLimit,
      hooksPerMinute: hookRateLimit,
      callbacks: { networks },
      retry: { ...defaultRetryPolicy, attempts },
      ...(tracing !== undefined && { tracing }),
      log,
    });
    return { detail: `ready on ${running.url}`, close: () => closeTraced(running, tracing) };
  }, signal);
}
