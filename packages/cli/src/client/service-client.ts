import { DimgxClient } from '@dimgx/client';

export interface ServiceAddress {
  readonly url: string;
  /** API key, where the service wants one. */
  readonly token: string | undefined;
}

/** Somebody waits at the terminal. */
const patienceMs = 5000;

/** The service at an address, until the signal ends all that it is asked. */
export function serviceClient({ url, token }: ServiceAddress, signal: AbortSignal): DimgxClient {
  return new DimgxClient({ url, token, signal, patienceMs });
}
