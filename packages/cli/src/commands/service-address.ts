import { ServiceClient } from '../client/service-client.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { warnOfUnknownVariables } from './warnings.ts';

/** The service that the environment names. Throws `CONFIG_INVALID`. */
export function configuredClient(signal: AbortSignal): ServiceClient {
  warnOfUnknownVariables();
  const { url, token } = readConfiguration({ names: ['url', 'token'], needed: [] }, {}, process.env);
  return new ServiceClient({ url, token }, signal);
}
