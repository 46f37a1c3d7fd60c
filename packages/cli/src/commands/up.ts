import { once } from 'node:events';
import { readConfiguration } from '../configuration/configuration.ts';
import { fleetNames } from '../configuration/store-settings.ts';
import { oneLine } from '../error-line.ts';
import { hasKeptAnything, openDataFolder } from '../up/data-folder.ts';
import { checkPort } from '../up/free-port.ts';
import { startService } from '../up/service.ts';
import type { UpFlags } from './service-options.ts';
import { warnOfFileSources, warnOfUnknownVariables } from './warnings.ts';

/** `dimgx up`: resolves when the service has been stopped by `signal`. */
export async function up(flags: UpFlags, signal: AbortSignal): Promise<void> {
  warnOfUnknownVariables();
  const { data: folder, ...settings } = readConfiguration(wanted, { ...flags }, process.env);
  await warnOfFileSources(settings.fileSources);
  // Both before anything is made, so that a start that is refused leaves nothing.
  if (settings.apiKey === undefined) await checkOpenness(settings.host, settings.redisUrl, folder);
  await checkPort(settings.host, settings.port);
  const data = await openDataFolder(folder, settings);
  try {
    say('logs', `in ${data.logs}`);
    const service = await startService({ ...settings, data, environment: {}, say, signal });
    process.stdout.write(welcome(service.url, await keyFor(service.url, settings.apiKey !== undefined)));
    if (!signal.aborted) await once(signal, 'abort');
    say('up', 'stops when the running jobs have ended; Ctrl-C once more stops at once');
    await service.stop();
    say('up', 'stopped');
  } finally {
    await data.release();
  }
}

/** The API and the workers read the rest themselves, and from the same environment: here it is checked. */
const wanted = {
  names: [
    ...fleetNames,
    ...(['host', 'port', 'data', 'workers', 'temporary'] as const),
    ...(['apiKey', 'rateLimit', 'hookRateLimit', 'callbackNetworks', 'secretsKey'] as const),
    ...(['dockerHost', 'limits', 'timeout', 'concurrency', 'pools'] as const),
    ...(['drainTimeout', 'eventStreams'] as const),
  ],
  needed: [],
} as const;

/**
 * Only Redis knows whether a key was made; where nothing has been kept yet, there is none. Throws `CONFIG_INVALID`
 * if others than who is on this machine could use the service.
 */
async function checkOpenness(host: string, redisUrl: string | undefined, data: string): Promise<void> {
  if (redisUrl !== undefined || (await hasKeptAnything(data))) return;
  const { checkOpenAddress } = await import('@dimgx/api');
  checkOpenAddress(host);
}

/** The variable that has the key to ask with. One may have been made at run time: only the API knows. */
async function keyFor(url: string, isSet: boolean): Promise<string | undefined> {
  if (isSet) return 'DIMGX_API_KEY';
  const answer = await fetch(`${url}/v1/stats`, { method: 'HEAD' }).catch(() => undefined);
  return answer?.status === 401 ? 'DIMGX_TOKEN' : undefined;
}

function welcome(url: string, keyName: string | undefined): string {
  const key = keyName === undefined ? '' : ` -H "authorization: Bearer $${keyName}"`;
  return `
dimgx serves at ${url}, its documentation at ${url}/docs/. Submit an image:

  curl -s ${url}/v1/jobs${key} -H 'content-type: application/json' -d '{"image": "debian:12"}'

`;
}

function say(part: string, line: string): void {
  process.stderr.write(`${part.padEnd(9)} ${oneLine(line)}\n`);
}
