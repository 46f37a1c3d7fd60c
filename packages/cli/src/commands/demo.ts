import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { DimgxError, makeFolders } from '@dimgx/core';
import { serviceClient } from '../client/service-client.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { redisNames } from '../configuration/redis-settings.ts';
import { assembleDemoImage } from '../demo/demo-image.ts';
import { demoSummary } from '../demo/demo-summary.ts';
import { roundTrip, type Subject } from '../demo/round-trip.ts';
import { say, step } from '../demo/step.ts';
import { formatBytes, formatCount } from '../quantity.ts';
import { targetFault } from '../target/target.ts';
import { type DataFolder, openDataFolder } from '../up/data-folder.ts';
import { type Service, startService } from '../up/service.ts';
import type { DemoFlags } from './service-options.ts';

/** `dimgx demo`: rejects unless the artifact is what it must be. Leaves nothing but the artifact. */
export async function demo(image: string | undefined, flags: DemoFlags, signal: AbortSignal): Promise<void> {
  const settings = readConfiguration(wanted, { ...flags }, process.env);
  const kept = resolve(settings.data, 'demo');
  // Before any work, so that it is not for nothing.
  await makeFolders(kept).catch((error: unknown) => {
    throw targetFault(kept, error);
  });
  const folder = await mkdtemp(join(tmpdir(), 'dimgx-demo-'));
  const removeAtExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.on('exit', removeAtExit);
  try {
    const subject = image === undefined ? await assembled(folder, signal) : named(image);
    const data = await openDataFolder(join(folder, 'data'), settings);
    const outcome = await withService(
      { subject, data, redisUrl: settings.redisUrl, signal },
      (service, pool) =>
        roundTrip({
          client: serviceClient({ url: service.url, token: settings.apiKey }, signal),
          subject,
          pool,
          kept,
          signal,
        }),
    );
    process.stdout.write(`\n${demoSummary(outcome)}`);
    if (outcome.verdict.faults.length > 0) {
      throw new DimgxError(
        'DIGEST_MISMATCH',
        `${outcome.file} is not what it must be: ${outcome.verdict.faults[0]}`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
    process.off('exit', removeAtExit);
  }
}

const wanted = { names: ['data', ...redisNames, 'apiKey'], needed: [] } as const;

async function assembled(folder: string, signal: AbortSignal): Promise<Subject> {
  return step('assemble', async () => {
    const images = join(folder, 'images');
    await mkdir(images);
    const image = await assembleDemoImage(images, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw targetFault(`${images}, see TMPDIR`, error);
    });
    const size = image.layers.reduce((sum, layer) => sum + layer.size, 0);
    const told = `${formatBytes(size)} in ${formatCount(image.layers.length, 'layer')}, for want of an image`;
    const subject = {
      reference: `docker-archive:${image.file}`,
      name: 'dimgx-demo',
      folder: images,
      tree: image.tree,
    };
    return [subject, told];
  });
}

/** A relative file means one of here; the service runs elsewhere. */
function named(image: string): Subject {
  const name = image.replace(/[^A-Za-z0-9.-]+/g, '_').slice(-100);
  const [, transport, file, rest = ''] = /^(docker-archive|oci-archive|oci):([^:]+)(:.*)?$/.exec(image) ?? [];
  if (file === undefined) return { reference: image, name };
  const path = resolve(file);
  return { reference: `${transport}:${path}${rest}`, name, folder: dirname(path) };
}

interface DemoService {
  readonly subject: Subject;
  readonly data: DataFolder;
  readonly redisUrl: string | undefined;
  readonly signal: AbortSignal;
}

/** Runs `work` with a service that is there for it alone; stops it, at once if the work failed or was stopped. */
async function withService<T>(
  { subject, data, redisUrl, signal }: DemoService,
  work: (service: Service, pool: string) => Promise<T>,
): Promise<T> {
  // On a Redis that others use too, their workers must not take the job.
  const pool = `demo-${randomBytes(4).toString('hex')}`;
  const environment = { DIMGX_POOLS: pool, DIMGX_FILE_SOURCES: subject.folder ?? '' };
  const service = await step('start', async () => {
    const started = await startService({
      ...{ host: '127.0.0.1', port: 0, workers: 1, redisUrl, store: undefined, temporary: undefined },
      ...{ data, environment, say, signal },
    });
    return [started, `the service, at ${started.url}`];
  });
  let result: T;
  try {
    result = await work(service, pool);
  } catch (error) {
    await service.kill();
    throw error;
  }
  await step('stop', async () => [await service.stop(), 'all that was started']);
  return result;
}
