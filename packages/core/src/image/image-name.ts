import { type Digest, isDigest } from './digest.ts';

/** A name of an image in a registry, short names expanded. Distribution's reference grammar. */
export interface ImageName {
  /** The registry's host, perhaps with a port: `docker.io`, `localhost:5000`. */
  readonly domain: string;
  /** The repository there: `library/alpine`. */
  readonly path: string;
  /** `latest` where the text had neither tag nor digest. */
  readonly tag?: string;
  readonly digest?: Digest;
}

export type ParsedImageName = { readonly name: ImageName } | { readonly fault: string };

const DEFAULT_DOMAIN = 'docker.io';
const OLD_DEFAULT_DOMAIN = 'index.docker.io';
const OFFICIAL = 'library/';
const MAX_PATH = 255;

const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domain = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?$`);
const pathComponent = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const hex64 = /^[0-9a-f]{64}$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * `[HOST[:PORT]/]NAME[:TAG][@DIGEST]`, expanded as docker does it: `alpine` is `docker.io/library/alpine:latest`.
 * Says what is wrong where the text is no such name.
 */
export function parseImageName(text: string): ParsedImageName {
  if (hex64.test(text)) return { fault: '64 hex digits are an id, not a name' };
  const at = text.indexOf('@');
  const named = at === -1 ? text : text.slice(0, at);
  const digest = at === -1 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) return { fault: 'a digest is sha256: and 64 hex digits' };

  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const repository = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag)) return { fault: `${JSON.stringify(tag)} is no tag` };

  const [host, path] = splitDomain(repository);
  const fault = faultOf(host, path);
  if (fault !== undefined) return { fault };
  return { name: { domain: host, path, ...pin(tag, digest) } };
}

function pin(tag: string | undefined, digest: Digest | undefined): Pick<ImageName, 'tag' | 'digest'> {
  if (digest === undefined) return { tag: tag ?? 'latest' };
  return tag === undefined ? { digest } : { tag, digest };
}

/** What stands before the first slash is a host only if it looks like none of Docker Hub's user names. */
function splitDomain(repository: string): readonly [host: string, path: string] {
  const slash = repository.indexOf('/');
  const first = repository.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const host = isHost && first !== OLD_DEFAULT_DOMAIN ? first : DEFAULT_DOMAIN;
  const path = isHost ? repository.slice(slash + 1) : repository;
  return [host, host === DEFAULT_DOMAIN && !path.includes('/') ? OFFICIAL + path : path];
}

function faultOf(host: string, path: string): string | undefined {
  if (!domain.test(host)) return `${JSON.stringify(host)} is no registry host`;
  if (path.length > MAX_PATH) return `a repository name has at most ${MAX_PATH} characters`;
  for (const component of path.split('/')) {
    if (pathComponent.test(component)) continue;
    if (/[A-Z]/.test(component)) return 'repository names are lower case';
    return component === ''
      ? 'a part of the name is empty'
      : `${JSON.stringify(component)} can't be part of a repository name`;
  }
  return undefined;
}

/** The repository as docker prints it: `alpine`, `user/app`, `registry.example/app`. */
export function familiarRepository({ domain: host, path }: ImageName): string {
  if (host !== DEFAULT_DOMAIN) return `${host}/${path}`;
  const official = path.startsWith(OFFICIAL) && path.indexOf('/', OFFICIAL.length) === -1;
  return official ? path.slice(OFFICIAL.length) : path;
}

/** The name as docker prints it, with its tag or digest. */
export function familiarName(name: ImageName): string {
  return familiarRepository(name) + suffix(name);
}

/** The name with nothing left out: `docker.io/library/alpine:latest`. */
export function fullName(name: ImageName): string {
  return `${name.domain}/${name.path}${suffix(name)}`;
}

function suffix({ tag, digest }: ImageName): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
}
