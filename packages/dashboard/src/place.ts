/** Parts of an address such as `#/jobs/ID?state=failed`. */
export interface Place {
  readonly id: string | undefined;
  readonly query: URLSearchParams;
}

export function placeOf(hash: string): Place & { readonly room: string } {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [room = '', id] = path.split('/').map(decoded);
  return {
    room: room === '' ? 'jobs' : room,
    id: id === '' ? undefined : id,
    query: new URLSearchParams(query),
  };
}

/** The address of a place; what has no value is left out of its query. */
export function addressOf(
  room: string,
  id?: string,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => (pair[1] ?? '') !== '');
  const search = new URLSearchParams(given).toString();
  return `#/${room}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${search === '' ? '' : `?${search}`}`;
}

/** What nobody wrote so is taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
