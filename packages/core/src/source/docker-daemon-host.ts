import { existsSync, readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import type { NetConnectOpts } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { DimgxError } from '../errors.ts';

/** How to reach a Docker engine. */
export interface DockerHost {
  /** Names it in messages; without a password. */
  readonly label: string;
  /** All that dockerode would else take from its environment. */
  readonly options: Docker.DockerOptions & { readonly agent?: Agent };
  /** Where plain HTTP is spoken; undefined behind TLS or SSH. */
  readonly plain?: NetConnectOpts;
  /** Ends every connection to it. */
  disconnect(): void;
}

const USUAL_SOCKET = '/var/run/docker.sock';

/**
 * Reads `unix://PATH`, `tcp://HOST[:PORT]` or `ssh://[USER@]HOST[:PORT]` as Docker's clients do; undefined is the
 * usual socket. For TCP, `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` count too, and for SSH the agent.
 *
 * Throws `CONFIG_INVALID`.
 */
export function dockerHost(
  text: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): DockerHost {
  if (text === undefined || text === '') return unixHost(usualSocket());
  if (text.startsWith('unix://')) return unixHost(text.slice('unix://'.length) || USUAL_SOCKET);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'tcp:' && url.hostname !== '') return tcpHost(url, environment);
  if (url?.protocol === 'ssh:' && url.hostname !== '') return sshHost(url, environment);
  throw new DimgxError(
    'CONFIG_INVALID',
    'the Docker host is none of unix://PATH, tcp://HOST:PORT, ssh://USER@HOST',
  );
}

/** Docker Desktop's own, where there is no other. */
function usualSocket(): string {
  const desktop = join(homedir(), '.docker/run/docker.sock');
  return !existsSync(USUAL_SOCKET) && existsSync(desktop) ? desktop : USUAL_SOCKET;
}

const unset = { host: undefined, port: undefined, ca: undefined, cert: undefined, key: undefined };

function unixHost(socketPath: string): DockerHost {
  const agent = newAgent(false);
  const options = { ...unset, socketPath, protocol: 'http' as const, agent };
  const plain = { path: socketPath };
  return { label: `unix://${socketPath}`, options, plain, disconnect: () => agent.destroy() };
}

/** node's HTTP takes longer to load than all that reads an archive, so that waits for an engine. */
function newAgent(encrypted: boolean): Agent {
  if (encrypted) return new (process.getBuiltinModule('node:https').Agent)();
  return new (process.getBuiltinModule('node:http').Agent)();
}

function tcpHost(url: URL, environment: NodeJS.ProcessEnv): DockerHost {
  const label = `tcp://${url.host}`;
  const encrypted = url.port === '2376' || Boolean(environment.DOCKER_TLS_VERIFY);
  const protocol = encrypted ? ('https' as const) : ('http' as const);
  const agent = newAgent(encrypted);
  const port = url.port || (encrypted ? '2376' : '2375');
  const certificates = encrypted ? readCertificates(environment.DOCKER_CERT_PATH) : {};
  const options = { ...unset, ...certificates, host: url.hostname, port, protocol, agent };
  // A URL puts an IPv6 address into brackets.
  const plain = { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
  return { label, options, ...(!encrypted && { plain }), disconnect: () => agent.destroy() };
}

function readCertificates(folder = join(homedir(), '.docker')): { ca: Buffer; cert: Buffer; key: Buffer } {
  const read = (name: string): Buffer => {
    try {
      return readFileSync(join(folder, name));
    } catch (cause) {
      throw new DimgxError(
        'CONFIG_INVALID',
        `the Docker host needs TLS, but ${join(folder, name)} can't be read`,
        {
          cause,
        },
      );
    }
  };
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}

/** dockerode makes a connection for each request and closes it with the request. */
function sshHost(url: URL, environment: NodeJS.ProcessEnv): DockerHost {
  const label = `ssh://${url.username === '' ? '' : `${url.username}@`}${url.host}`;
  const options = {
    ...unset,
    host: url.hostname,
    port: url.port || '22',
    username: decodeURIComponent(url.username),
    protocol: 'ssh' as const,
    sshOptions: { agent: environment.SSH_AUTH_SOCK },
  };
  return { label, options, disconnect: () => {} };
}
