import { ServiceClient } from '../client/service-client.ts';
import type { ServiceAddress } from '../client/service-connection.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { warnOfUnknownVariables } from './warnings.ts';

/** The service that the environment names. Throws `CONFIG_INVALID`. */
export function configuredClient(signal: AbortSignal): ServiceClient {
  warnOfUnknownVariables();
  return new ServiceClient(configuredAddress(), signal);
}

/** Where that service is. Throws `CONFIG_INVALID`. */
export function configuredAddress(): ServiceAddress {
  const { url, token } = readConfiguration({ names: ['url', 'token'], needed: [] }, {}, process.env);
  return { url, token };
}
