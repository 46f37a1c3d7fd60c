import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ApiSettings, type RunningApi, startApi } from '@dimgx/api';
import { type RedisSettings, serviceLog } from '@dimgx/queue';
import { type RunningWorker, startWorker, type WorkerSettings } from '@dimgx/worker';
import { type RedisServer, startRedis } from '../parts/redis.ts';
import { ServiceClient } from './service-client.ts';

export interface ServiceSettings {
  /** Where everything of this service lies; created. */
  readonly folder: string;
  readonly api?: Partial<ApiSettings>;
  /** False for none in this process. */
  readonly worker?: Partial<WorkerSettings> | false;
}

/** API, worker and a Redis of their own, over a directory store unless the settings name another. */
export interface Service {
  readonly client: ServiceClient;
  readonly redis: RedisServer;
  readonly api: RunningApi;
  readonly worker: RunningWorker | undefined;
  /** Below it, the service may read images. */
  readonly images: string;
  readonly storeFolder: string;
  readonly spoolFolder: string;
  /** What every worker of this service is started with. */
  readonly workerSettings: Omit<WorkerSettings, 'log'>;
  close(): Promise<void>;
}

export const quietLog = serviceLog('test', 'fatal');

export async function startService(settings: ServiceSettings): Promise<Service> {
  await using started = new AsyncDisposableStack();
  // What the service was told is on disk, so a Redis that is killed comes back with it.
  const redis = await startRedis(join(settings.folder, 'redis'), { args: ['--appendfsync', 'always'] });
  started.defer(() => redis.stop());
  const service = await startServiceOn(redis, settings);
  started.defer(() => service.close());
  const all = started.move();
  return { ...service, redis, close: () => all.disposeAsync() };
}

/** The same on a Redis that is there, and stays. */
export async function startServiceOn(
  redis: RedisSettings,
  { folder, api, worker = {} }: ServiceSettings,
): Promise<Omit<Service, 'redis'>> {
  const [images, storeFolder, spoolFolder] = ['images', 'store', 'spool'].map((name) => join(folder, name));
  for (const each of [images, storeFolder]) await mkdir(each, { recursive: true });
  await using started = new AsyncDisposableStack();

  const common = { redis, store: `file:${storeFolder}`, fileSources: [images] };
  const retry = { attempts: 3, backoffMilliseconds: 50 };
  const log = quietLog;
  const runningApi = await startApi({ host: '127.0.0.1', port: 0, retry, ...common, log, ...api });
  started.defer(() => runningApi.close());

  const workerSettings = { ...common, spoolFolder, ...(worker === false ? {} : worker), log: undefined };
  const runningWorker = worker === false ? undefined : await startWorker({ ...workerSettings, log });
  started.defer(() => runningWorker?.close());

  const all = started.move();
  return {
    ...{ client: new ServiceClient(runningApi.url), api: runningApi, worker: runningWorker },
    ...{ images, storeFolder, spoolFolder, workerSettings, close: () => all.disposeAsync() },
  };
}
