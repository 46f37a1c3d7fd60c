import { fullName, type ImageName, parseImageName } from './image-name.ts';

/** What a Docker engine is asked for: a name, or an id where there is no name. */
export interface EngineImage {
  /** As the engine takes it. A name may be the start of an id too: which it is, the engine knows. */
  readonly text: string;
  readonly name?: ImageName;
}

/** Which image of several that an archive or a layout holds. */
export type ImageChoice =
  /** A name with its tag, an OCI reference name, or the start of an id or digest. */
  | { readonly by: 'name'; readonly text: string }
  /** Its place, from 0. */
  | { readonly by: 'index'; readonly index: number };

/** Where an image is. Transports as in containers-transports(5); `-` is an archive on standard input. */
export type ImageReference =
  | { readonly transport: 'docker-daemon'; readonly image: EngineImage }
  | { readonly transport: 'docker'; readonly name: ImageName }
  | { readonly transport: 'docker-archive'; readonly file: string; readonly choice?: ImageChoice }
  | { readonly transport: 'oci'; readonly folder: string; readonly choice?: ImageChoice }
  | { readonly transport: 'oci-archive'; readonly file: string; readonly choice?: ImageChoice }
  | { readonly transport: 'stdin' }
  /** No transport was named: the Docker engine's where one answers, else the registry's. */
  | { readonly transport: 'plain'; readonly image: EngineImage };

export type ParsedReference = { readonly reference: ImageReference } | { readonly fault: string };

const KNOWN = 'docker-daemon:, docker://, docker-archive:, oci:, oci-archive: or -';
const foreign = /^(?:containers-storage|dir|ostree|sif|tarball|file):|^[a-z0-9+-]+:\/\//;
const MAX_LENGTH = 8192;

/** The reference that a user wrote, or what is wrong with it. */
export function parseImageReference(text: string): ParsedReference {
  if (text === '') return { fault: 'it is empty' };
  if (text === '-') return { reference: { transport: 'stdin' } };
  if (text.length > MAX_LENGTH) return { fault: `it is longer than ${MAX_LENGTH} characters` };
  if (text.includes('\0')) return { fault: 'it holds a NUL byte' };
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  switch (text.slice(0, Math.max(colon, 0))) {
    case 'docker-daemon':
      return engineReference('docker-daemon', rest);
    case 'docker':
      return rest.startsWith('//') ? registryReference(rest.slice(2)) : engineReference('plain', text);
    case 'docker-archive':
      return archiveReference(rest);
    case 'oci-archive':
      return ociReference(rest, (file) => ({ transport: 'oci-archive', file }));
    case 'oci':
      return ociReference(rest, (folder) => ({ transport: 'oci', folder }));
    default:
      return engineReference('plain', text);
  }
}

function engineReference(transport: 'docker-daemon' | 'plain', text: string): ParsedReference {
  if (/^(?:sha256:)?[0-9a-f]{64}$/.test(text)) return { reference: { transport, image: { text } } };
  const parsed = parseImageName(text);
  if ('name' in parsed) return { reference: { transport, image: { text, name: parsed.name } } };
  if (foreign.test(text)) return { fault: `its transport is not one of ${KNOWN}` };
  if (/^\.{0,2}\//.test(text)) return { fault: `it looks like a file; write docker-archive:${text}` };
  return parsed;
}

function registryReference(text: string): ParsedReference {
  const parsed = parseImageName(text);
  return 'name' in parsed ? { reference: { transport: 'docker', name: parsed.name } } : parsed;
}

/** The first colon ends the file's name; a path with a colon in it can't be written. containers-transports(5). */
function splitFile(text: string): readonly [file: string, choice: string | undefined] {
  const colon = text.indexOf(':');
  return colon === -1 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}

function archiveReference(text: string): ParsedReference {
  const [file, rest] = splitFile(text);
  if (file === '') return { fault: 'it names no file' };
  if (rest === undefined) return { reference: { transport: 'docker-archive', file } };
  const choice = indexChoice(rest);
  if (choice !== undefined) return { reference: { transport: 'docker-archive', file, choice } };
  const parsed = parseImageName(rest);
  const isId = /^(?:sha256:)?[0-9a-f]{64}$/.test(rest);
  if (!isId && 'fault' in parsed) return { fault: `behind the file comes NAME:TAG, and ${parsed.fault}` };
  return { reference: { transport: 'docker-archive', file, choice: { by: 'name', text: rest } } };
}

/** OCI annotations.md, `org.opencontainers.image.ref.name`. */
const ociReferenceName =
  /^[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*(?:\/[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*)*$/;

function ociReference(
  text: string,
  make: (path: string) => { transport: 'oci'; folder: string } | { transport: 'oci-archive'; file: string },
): ParsedReference {
  const [path, rest] = splitFile(text);
  if (path === '') return { fault: 'it names no path' };
  if (rest === undefined) return { reference: make(path) };
  const choice = indexChoice(rest);
  if (choice !== undefined) return { reference: { ...make(path), choice } };
  if (!ociReferenceName.test(rest)) return { fault: `${JSON.stringify(rest)} is no OCI reference name` };
  return { reference: { ...make(path), choice: { by: 'name', text: rest } } };
}

function indexChoice(text: string): ImageChoice | undefined {
  return /^@[0-9]{1,9}$/.test(text) ? { by: 'index', index: Number(text.slice(1)) } : undefined;
}

/** The reference in full, its transport first, as reports name it. */
export function formatReference(reference: ImageReference): string {
  switch (reference.transport) {
    case 'stdin':
      return '-';
    case 'plain':
      return reference.image.text;
    case 'docker-daemon':
      return `docker-daemon:${reference.image.text}`;
    case 'docker':
      return `docker://${fullName(reference.name)}`;
    case 'oci':
      return `oci:${reference.folder}${formatChoice(reference.choice)}`;
    default:
      return `${reference.transport}:${reference.file}${formatChoice(reference.choice)}`;
  }
}

function formatChoice(choice: ImageChoice | undefined): string {
  if (choice === undefined) return '';
  return choice.by === 'index' ? `:@${choice.index}` : `:${choice.text}`;
}
