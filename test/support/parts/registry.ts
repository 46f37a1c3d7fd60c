import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export interface RegistryServer {
  /** `127.0.0.1:PORT`, as it stands in image names. */
  readonly host: string;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  /** Basic authentication with one user; open without it. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Where the registry posts its events, and with which headers. */
  readonly notifications?: { readonly url: string; readonly headers?: Readonly<Record<string, string>> };
}

/** A private CNCF Distribution registry over plain HTTP. Its blobs lie in `folder`, which is created. */
export async function startRegistry(folder: string, options: RegistryOptions = {}): Promise<RegistryServer> {
  await mkdir(join(folder, 'data'), { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const configFile = join(folder, 'config.json');
  await writeFile(configFile, JSON.stringify(await registryConfig(folder, port, options), null, 2));
  const server: ServerProcess = await startServer({
    command: 'docker-registry',
    args: ['serve', configFile],
    logFile: join(folder, 'registry.log'),
    isReady: async () => [200, 401].includes((await fetch(`${url}/v2/`)).status),
  });
  return { host: `127.0.0.1:${port}`, url, pid: server.pid, stop: () => server.stop() };
}

/** The registry reads YAML, of which JSON is a part. */
async function registryConfig(folder: string, port: number, options: RegistryOptions): Promise<object> {
  const { user, notifications } = options;
  return {
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(folder, 'data') },
      delete: { enabled: true },
      redirect: { disable: true },
    },
    http: { addr: `127.0.0.1:${port}`, secret: 'one-test-run' },
    health: { storagedriver: { enabled: false } },
    ...(user && { auth: { htpasswd: { realm: 'test', path: await writePasswords(folder, user) } } }),
    ...(notifications && { notifications: { endpoints: [endpoint(notifications)] } }),
  };
}

function endpoint({ url, headers = {} }: NonNullable<RegistryOptions['notifications']>): object {
  const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return { name: 'test', url, headers: lists, timeout: '2s', threshold: 5, backoff: '200ms' };
}

/** The registry takes bcrypt alone, which Node lacks; Perl, part of every Debian, has it from the C library. */
async function writePasswords(folder: string, user: { name: string; password: string }): Promise<string> {
  const script = 'print crypt($ARGV[0], q($2b$05$dimgxdimgxdimgxdimgxdu))';
  const { stdout: hash } = await promisify(execFile)('perl', ['-e', script, user.password]);
  const path = join(folder, 'htpasswd');
  await writeFile(path, `${user.name}:${hash}\n`);
  return path;
}
