import { DimgxClient } from '@dimgx/client';

export interface ServiceAddress {
  readonly url: string;
  /** API key, where the service wants one. */
  readonly token: string | undefined;
}

/** Longer than sentinels take, unless they are set otherwise, to name another Redis. */
const patienceMs = 60_000;
const patienceAtTerminalMs = 5000;

/**
 * The service at an address, until the signal ends all that it is asked. While it is away, it is asked again for a
 * minute, but at a terminal, where somebody waits, for five seconds.
 */
export function serviceClient(
  { url, token }: ServiceAddress,
  signal: AbortSignal,
  { isWatched = process.stderr.isTTY === true } = {},
): DimgxClient {
  return new DimgxClient({ url, token, signal, patienceMs: isWatched ? patienceAtTerminalMs : patienceMs });
}
