import { once } from 'node:events';
import { readConfiguration } from '../configuration/configuration.ts';
import { fleetNames } from '../configuration/store-settings.ts';
import { oneLine } from '../error-line.ts';
import { openDataFolder } from '../up/data-folder.ts';
import { startService } from '../up/service.ts';
import type { UpFlags } from './service-options.ts';
import { warnOfUnknownVariables } from './warnings.ts';

/** `dimgx up`: resolves when the service has been stopped by `signal`. */
export async function up(flags: UpFlags, signal: AbortSignal): Promise<void> {
  const { data: folder, ...settings } = readConfiguration(wanted, { ...flags }, process.env);
  warnOfUnknownVariables();
  const data = await openDataFolder(folder);
  try {
    say('logs', `in ${data.logs}`);
    const service = await startService({ ...settings, data, environment: {}, say, signal });
    process.stdout.write(welcome(service.url, settings.apiKey !== undefined));
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
    ...(['host', 'port', 'data', 'workers', 'temporary', 'apiKey', 'rateLimit', 'callbackNetworks'] as const),
    ...(['dockerHost', 'limits', 'timeout', 'concurrency', 'pools', 'eventStreams'] as const),
  ],
  needed: [],
} as const;

function welcome(url: string, hasKey: boolean): string {
  const key = hasKey ? ` -H "authorization: Bearer $DIMGX_API_KEY"` : '';
  return `
dimgx serves at ${url}, its documentation at ${url}/docs. Submit an image:

  curl -s ${url}/v1/jobs${key} -H 'content-type: application/json' -d '{"image": "debian:12"}'

`;
}

function say(part: string, line: string): void {
  process.stderr.write(`${part.padEnd(9)} ${oneLine(line)}\n`);
}
