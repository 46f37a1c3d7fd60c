import { ServiceError } from '@dimgx/client';
import { DimgxError, errorCodes, toDimgxError } from '@dimgx/core';

/**
 * Any thrown value as the error that the user is told: of a service that nobody reaches, or that knows no such key, with
 * where to set another.
 */
export function faultOf(thrown: unknown): DimgxError {
  if (!(thrown instanceof ServiceError)) return toDimgxError(thrown);
  const { code, message, status, job, cause } = thrown;
  // Through a proxy it is at the right place, if not there just now.
  const isThere = status !== undefined && [502, 503, 504].includes(status);
  const isNowhere = code === 'SERVICE_UNREACHABLE' && !isThere && job === undefined;
  // A newer service may have codes that this command does not know.
  const known = errorCodes.find((each) => each === code) ?? 'INTERNAL';
  if (isNowhere) return new DimgxError(known, `${message}; see DIMGX_URL`, { cause });
  return new DimgxError(known, status === 401 ? keyAdvice(message) : message, { cause });
}

/** What the service advises who sent no key is of HTTP. */
function keyAdvice(message: string): string {
  const isSet = (process.env.DIMGX_TOKEN ?? '') !== '';
  return isSet ? `${message}; see DIMGX_TOKEN` : 'an API key is needed: set DIMGX_TOKEN to one';
}
