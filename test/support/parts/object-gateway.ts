import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startCephCluster } from './ceph-cluster.ts';
import { freePort } from './free-port.ts';
import { type ServerProcess, startServer } from './server-process.ts';

/** An S3-compatible object store, empty: tests create their own buckets. */
export interface ObjectGateway {
  /** `http://127.0.0.1:PORT`; path-style addresses only. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of the gateway itself. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** A private Ceph object gateway over an in-memory cluster. Its state lies in `folder`, which is created. */
export async function startObjectGateway(folder: string): Promise<ObjectGateway> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: 'dimgx-test', secretAccessKey: 'dimgx-test-secret' };
  const cluster = await startCephCluster(folder, port);
  try {
    const gateway: ServerProcess = await startServer({
      command: 'radosgw',
      args: ['-f', '-n', 'client.gateway', ...cluster.args],
      logFile: join(folder, 'log', 'gateway.out'),
      isReady: async () => (await fetch(endpoint)).ok,
      readyWithin: 90_000,
    });
    const stop = async () => {
      await gateway.stop();
      await cluster.stop();
    };
    await createUser(cluster.args, credentials).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    return { endpoint, region: 'us-east-1', ...credentials, pid: gateway.pid, stop };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function createUser(
  clusterArgs: readonly string[],
  { accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string },
): Promise<void> {
  const user = ['--uid', 'test', '--display-name', 'test'];
  const keys = ['--access-key', accessKeyId, '--secret', secretAccessKey];
  await promisify(execFile)('radosgw-admin', ['user', 'create', ...user, ...keys, ...clusterArgs]);
}
