import { DimgxClient, ServiceError } from '@dimgx/client';

const keyName = 'dimgx-key';

/** The API key, kept for as long as the tab is open. */
export const session = {
  get key(): string | undefined {
    return sessionStorage.getItem(keyName) ?? undefined;
  },

  set key(key: string | undefined) {
    if (key === undefined || key === '') sessionStorage.removeItem(keyName);
    else sessionStorage.setItem(keyName, key);
  },
};

/**
 * The service that this page came from, asked with the key, which goes nowhere but to it. A view asks again by itself,
 * so that a fault is told at once.
 */
export function service(): DimgxClient {
  return new DimgxClient({ url: location.origin, token: session.key, patienceMs: 0 });
}

/** What went wrong, in one line. */
export function faultText(error: unknown): string {
  if (error instanceof ServiceError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
