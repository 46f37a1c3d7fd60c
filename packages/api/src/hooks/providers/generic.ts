import type { Trigger } from '@dimgx/queue';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { type Hook, type HookRequest, headerOf, parseBody } from '../hook.ts';
import { pushesIn, type ToldPush } from '../push-events.ts';
import { hasToken, isAuthorized, isSigned } from '../shown-secret.ts';

export type GenericPaths = Extract<Trigger, { provider: 'generic' }>['paths'];

const mostPushes = 1000;

const signatureHeaders = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;

/**
 * Whoever can send JSON: with the secret in `Authorization` or the URL, with an HMAC as GitHub's, or as a Standard
 * Webhook, which is five minutes old at the most.
 */
export function generic(secret: string, paths: GenericPaths): Hook {
  return {
    authenticate(request) {
      const proofs = [isAuthorized(request, secret), hasToken(request, secret)];
      proofs.push(isSigned(request, 'x-hub-signature-256', secret, 'sha256='));
      return proofs.includes(true) || isStandard(request, secret);
    },
    read(request) {
      const body = parseBody(request, z.json());
      const list = paths.pushes === undefined ? [body] : at(body, paths.pushes);
      if (!Array.isArray(list)) return { ...pushesIn([]), ignored: [missing(list, 'list', paths.pushes)] };
      const read = list.slice(0, mostPushes).map((item) => toldBy(item, paths));
      const id = headerOf(request, 'webhook-id');
      const told = read.flatMap((push, index) =>
        typeof push === 'string' ? [] : [{ ...push, ...(id && { id: `${id} ${index}` }) }],
      );
      const pushes = pushesIn(told);
      return { ...pushes, ignored: [...read.filter((each) => typeof each === 'string'), ...pushes.ignored] };
    },
  };
}

/** The push that is told in this form, or why there is none. */
function toldBy(item: unknown, { registry, repository, tag, digest }: GenericPaths): ToldPush | string {
  const optional = (path: string | undefined) => (path === undefined ? undefined : textAt(item, path));
  const [name, version] = [textAt(item, repository), textAt(item, tag)];
  if (name === undefined) return missing(at(item, repository), 'text', repository);
  if (version === undefined || version === '') return missing(at(item, tag), 'text', tag);
  return { registry: optional(registry), repository: name, tag: version, digest: optional(digest) };
}

function missing(found: unknown, what: string, pointer = ''): string {
  return found === undefined ? `nothing at ${pointer}` : `no ${what} at ${pointer}`;
}

function isStandard(request: HookRequest, secret: string): boolean {
  const headers = Object.fromEntries(signatureHeaders.map((name) => [name, headerOf(request, name) ?? '']));
  if (Object.values(headers).includes('')) return false;
  try {
    // It takes base64, with whsec_ before it or not.
    new Webhook(secret).verify(request.body.toString('utf8'), headers);
    return true;
  } catch {
    // Whatever it minds: the signature is not good.
    return false;
  }
}

/** RFC 6901. */
function at(value: unknown, pointer: string): unknown {
  const names = pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce<unknown>((found, name) => {
    if (found === null || typeof found !== 'object' || !Object.hasOwn(found, name)) return undefined;
    return (found as Record<string, unknown>)[name];
  }, value);
}

function textAt(value: unknown, pointer: string): string | undefined {
  const found = at(value, pointer);
  return typeof found === 'string' ? found : undefined;
}
