import type { DimgxClient } from '@dimgx/client';
import { type ServiceAddress, serviceClient } from '../client/service-client.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { warnOfUnknownVariables } from './warnings.ts';

/** The service that the environment names. Throws `CONFIG_INVALID`. */
export function configuredClient(signal: AbortSignal): DimgxClient {
  warnOfUnknownVariables();
  return serviceClient(configuredAddress(), signal);
}

/** Where that service is. Throws `CONFIG_INVALID`. */
export function configuredAddress(): ServiceAddress {
  const { url, token } = readConfiguration({ names: ['url', 'token'], needed: [] }, {}, process.env);
  return { url, token };
}
