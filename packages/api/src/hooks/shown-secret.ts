import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type HookRequest, headerOf } from './hook.ts';

/** Compares in the same time wherever the two differ. */
export function isSame(given: string | undefined, secret: string): boolean {
  return timingSafeEqual(digest(given ?? ''), digest(secret)) && given !== undefined;
}

/** Whether the secret is the value of `Authorization`: as it is, as a Bearer token, or as the password of anybody. */
export function isAuthorized(request: HookRequest, secret: string): boolean {
  const value = headerOf(request, 'authorization') ?? '';
  const [, scheme = '', credentials = ''] = /^(bearer|basic) +(\S+) *$/i.exec(value) ?? [];
  const shown = [value, scheme.toLowerCase() === 'basic' ? passwordOf(credentials) : credentials];
  return shown.map((each) => isSame(each, secret)).includes(true);
}

/** Whether the secret is the `token` of the URL's query. */
export function hasToken({ token }: HookRequest, secret: string): boolean {
  return isSame(token, secret);
}

/** Whether a header is the HMAC-SHA256 of the body in hex, behind a prefix. */
export function isSigned(request: HookRequest, header: string, secret: string, prefix = ''): boolean {
  const signature = createHmac('sha256', secret).update(request.body).digest('hex');
  return isSame(headerOf(request, header), `${prefix}${signature}`);
}

function passwordOf(credentials: string): string {
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
