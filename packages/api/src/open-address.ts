import { DimgxError } from '@dimgx/core';
import { isLoopback } from './authentication.ts';

/** Of an API without any key. Throws `CONFIG_INVALID` if others than who is on this machine could use it. */
export function checkOpenAddress(host: string): void {
  if (isLoopback(host)) return;
  throw new DimgxError(
    'CONFIG_INVALID',
    `everybody who reaches ${host} could use the service: make a key (dimgx keys create), set DIMGX_API_KEY, or listen on 127.0.0.1`,
  );
}
