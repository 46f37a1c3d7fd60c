import {
  checkStore,
  DimgxError,
  dimgxVersion,
  NetworkRules,
  OutboundClient,
  openStore,
  type S3Settings,
  systemCode,
} from '@dimgx/core';
import {
  ApiKeys,
  Batches,
  type CallbackSettings,
  Callbacks,
  connectRedis,
  Fleet,
  identifyStore,
  type JobLifetimes,
  JobQueue,
  RateLimits,
  type RedisSettings,
  type RetryPolicy,
  Schedules,
  ServiceMetrics,
  secretWarnings,
  type Tracing,
  type TriggerSettings,
  Triggers,
  type UpkeepIntervals,
} from '@dimgx/queue';
import type { Logger } from 'pino';
import type { Api } from './api.ts';
import { isLoopback } from './authentication.ts';
import { buildApi } from './build-api.ts';
import { checkOpenAddress } from './open-address.ts';
import { storeUpkeep } from './store-upkeep.ts';

export interface ApiSettings {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly redis: RedisSettings;
  /** `file:DIR` or `s3://BUCKET/PREFIX`. */
  readonly store: string;
  readonly s3?: S3Settings;
  /** Keys that may do everything. Without these, and any in Redis, `host` must be a loopback address. */
  readonly apiKeys?: readonly string[];
  /** That each API key may be used for; 0, as without it, for any number. */
  readonly requestsPerMinute?: number;
  /** That each address may send, and each trigger takes; 0, as without it, for any number. */
  readonly hooksPerMinute?: number;
  /** Folders below which images may be files. */
  readonly fileSources?: readonly string[];
  /** How many event streams may be open at a time. */
  readonly eventStreams?: number;
  readonly retry?: RetryPolicy;
  readonly lifetimes?: JobLifetimes;
  readonly upkeep?: UpkeepIntervals;
  /** With which secrets of triggers and callbacks are sealed in Redis; without it they are kept as they are. */
  readonly secretsKey?: string | undefined;
  /** Where callbacks may go, and how often they are tried. */
  readonly callbacks?: Omit<CallbackSettings, 'redis' | 'secretsKey' | 'tracing' | 'log'>;
  /** How pushes are waited for. */
  readonly triggers?: Omit<TriggerSettings, 'redis' | 'secretsKey' | 'queue' | 'log'>;
  /** How long requests may still run after `close`. Milliseconds. */
  readonly shutdownGrace?: number;
  /** Stays its owner's. Without it, nothing is traced. */
  readonly tracing?: Tracing;
  readonly log: Logger;
}

export interface RunningApi {
  readonly url: string;
  /** Answers what is being asked, within the grace, and takes nothing new. Called again: at once. */
  close(): Promise<void>;
}

const second = 1000;
const startWithin = 30 * second;
/** For keys and certificates of who sends webhooks. */
const fetchWithin = 5 * second;
const minKeyLength = 16;

/**
 * Starts the HTTP API. Throws `CONFIG_INVALID`, `PORT_IN_USE`, `REDIS_UNREACHABLE` or what the store's check throws,
 * and then has left nothing open.
 */
export async function startApi(settings: ApiSettings): Promise<RunningApi> {
  const {
    apiKeys = [],
    requestsPerMinute = 0,
    hooksPerMinute = 0,
    fileSources = [],
    eventStreams = 500,
    upkeep = { sweep: 5 * second, mend: 30 * second },
    shutdownGrace = 30 * second,
    log,
  } = settings;
  checkForm(apiKeys);
  await using opened = new AsyncDisposableStack();

  const store = openStore(settings.store, settings.s3);
  opened.defer(() => store.close());
  await checkStore(store, startWithin);

  const queue = await JobQueue.connect(settings);
  opened.defer(() => queue.close());
  opened.defer(queue.keepUp(upkeep, storeUpkeep(store)));

  const { redis, host, lifetimes, secretsKey, tracing } = settings;
  const batches = await Batches.start({ redis, queue, lifetimes, tracing, log });
  opened.defer(() => batches.close());
  const schedules = await Schedules.start({ redis, queue, batches, tracing, log });
  opened.defer(() => schedules.close());

  const connection = await connectRedis(redis, 'producer', (err) => log.warn({ err }, 'redis connection'));
  opened.defer(() => connection.disconnect());
  await identifyStore(connection, store);
  const keys = new ApiKeys(connection);
  if (apiKeys.length === 0 && !(await keys.areWanted())) checkOpen(host, log);
  const isLocal = isLoopback(host);

  for (const warning of await secretWarnings(connection, secretsKey)) log.warn(warning);
  const callbacks = await Callbacks.start({ redis, secretsKey, ...settings.callbacks, tracing, log });
  opened.defer(() => callbacks.close());
  const triggers = await Triggers.start({ redis, secretsKey, queue, ...settings.triggers, log });
  opened.defer(() => triggers.close());
  const outbound = await OutboundClient.open(new NetworkRules([]), fetchWithin);
  opened.defer(() => outbound.close());
  const fetchText = (from: URL) => outbound.text(from);

  const limitsOf = (perMinute: number) =>
    perMinute === 0 ? undefined : new RateLimits(connection, perMinute);
  const limits = limitsOf(requestsPerMinute);
  const hookLimits = limitsOf(hooksPerMinute);
  const fleet = new Fleet(connection);
  const access = { keys, apiKeys, isLocal, limits, fleet, metrics: new ServiceMetrics(connection, fleet) };
  const sources = { hookLimits, queue, batches, schedules, callbacks, triggers, fetchText, store };
  const parts = { ...sources, fileSources, eventStreams, version: dimgxVersion, tracing, log };
  const app = await buildApi({ ...parts, ...access });
  opened.defer(() => app.close());
  const url = await listen(app, settings);
  const running = opened.move();
  return { url, close: closeOnce(app, () => running.disposeAsync(), shutdownGrace) };
}

function checkForm(apiKeys: readonly string[]): void {
  if (apiKeys.some((key) => key.length < minKeyLength || /\s/.test(key))) {
    throw new DimgxError(
      'CONFIG_INVALID',
      `an API key must have ${minKeyLength} characters at least, none of them blank: set DIMGX_API_KEY anew`,
    );
  }
}

/** Without any key. Throws `CONFIG_INVALID`. */
function checkOpen(host: string, log: Logger): void {
  checkOpenAddress(host);
  log.warn('no API key is set: whoever is on this machine may use the service');
}

async function listen(app: Api, { host, port }: ApiSettings): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    if (systemCode(cause) === 'EADDRINUSE') {
      const message = `port ${port} of ${host} is in use: stop what listens there, or set another DIMGX_PORT`;
      throw new DimgxError('PORT_IN_USE', message, { cause });
    }
    const why = systemCode(cause) ?? String(cause);
    throw new DimgxError('CONFIG_INVALID', `can't listen on ${host}, port ${port}: ${why}`, { cause });
  }
}

function closeOnce(app: Api, closeAll: () => Promise<void>, grace: number): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const cutOff = () => app.server.closeAllConnections();
  const close = async () => {
    const timer = setTimeout(cutOff, grace);
    // A connection that is kept alive after its last answer would be waited for.
    const idle = setInterval(() => app.server.closeIdleConnections(), second / 5);
    await closeAll().finally(() => {
      clearTimeout(timer);
      clearInterval(idle);
    });
  };
  return () => {
    if (closing !== undefined) cutOff();
    closing ??= close();
    return closing;
  };
}
