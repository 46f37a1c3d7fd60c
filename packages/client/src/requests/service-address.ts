/** Where a service is, and the API key that it wants. */
export interface ServiceAddress {
  readonly url: string | URL;
  readonly token: string | undefined;
}

/** What there may be of Node, and of a browser. */
interface Surroundings {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
  readonly location?: { readonly origin: string };
}

const usual = 'http://127.0.0.1:8080';

/** An address of which some is given, and the rest found where the program runs. */
export function serviceAddress({
  url,
  token,
}: {
  readonly url?: string | URL | undefined;
  readonly token?: string | undefined;
}): ServiceAddress {
  // The key of the environment is for the service of the environment, and no other.
  if (url !== undefined) return { url, token };
  const { process, location }: Surroundings = globalThis;
  const { DIMGX_URL, DIMGX_TOKEN } = process?.env ?? {};
  return { url: DIMGX_URL || pageOrigin(location) || usual, token: token ?? (DIMGX_TOKEN || undefined) };
}

/** Undefined for a page that came from no server, such as a file. */
function pageOrigin(location: Surroundings['location']): string | undefined {
  return location?.origin.startsWith('http') ? location.origin : undefined;
}
