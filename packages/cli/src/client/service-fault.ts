import { ServiceError } from '@dimgx/client';
import { DimgxError, errorCodes, toDimgxError } from '@dimgx/core';

/** Any thrown value as the error that the user is told: of a service that nobody reaches, with where to set another. */
export function faultOf(thrown: unknown): DimgxError {
  if (!(thrown instanceof ServiceError)) return toDimgxError(thrown);
  const { code, message, status, job, cause } = thrown;
  const isNowhere = code === 'SERVICE_UNREACHABLE' && status === undefined && job === undefined;
  // A newer service may have codes that this command does not know.
  const known = errorCodes.find((each) => each === code) ?? 'INTERNAL';
  return new DimgxError(known, isNowhere ? `${message}; see DIMGX_URL` : message, { cause });
}
