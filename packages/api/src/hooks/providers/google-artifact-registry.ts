import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { type Hook, type HookTools, headerOf, parseBody, parseJson } from '../hook.ts';
import { pushesIn } from '../push-events.ts';

/** Who may tell of pushes. */
export interface PubSubSender {
  /** As the push subscription sets it. */
  readonly audience: string;
  readonly serviceAccount: string;
}

const keysUrl = new URL('https://www.googleapis.com/oauth2/v3/certs');
const issuers = ['https://accounts.google.com', 'accounts.google.com'];

const keysSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });
const claimsSchema = z.object({ email: z.string(), email_verified: z.literal(true) });

const bodySchema = z.object({
  message: z.object({ data: z.base64(), messageId: z.string(), publishTime: z.string().optional() }),
});

/** A name with its registry, and a tag or a digest behind it. */
const named = z.string().optional();
const eventSchema = z.object({ action: z.string(), tag: named, digest: named });

/**
 * Google's Artifact Registry, by a push subscription to the Pub/Sub topic `gcr` with authentication: a token that Google
 * signs for the subscription's service account.
 */
export function googleArtifactRegistry(sender: PubSubSender, { fetchText }: HookTools): Hook {
  return {
    async authenticate(request) {
      const [, token = ''] = /^bearer +(\S+)$/i.exec(headerOf(request, 'authorization') ?? '') ?? [];
      // Its form alone, before Google is asked for keys.
      if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return false;
      const keys = createLocalJWKSet(parseJson(await fetchText(keysUrl), keysSchema));
      const { audience, serviceAccount } = sender;
      try {
        const { payload } = await jwtVerify(token, keys, {
          audience,
          issuer: issuers,
          algorithms: ['RS256'],
        });
        return claimsSchema.safeParse(payload).data?.email === serviceAccount;
      } catch (error) {
        if (error instanceof errors.JOSEError) return false;
        throw error;
      }
    },
    read(request) {
      const { data, messageId: id, publishTime: at } = parseBody(request, bodySchema).message;
      const event = parseJson(Buffer.from(data, 'base64').toString('utf8'), eventSchema);
      // Without a tag it is told again, for the tag.
      const [, registry, repository = '', tag] = /^([^/]+)\/(.+):([^:/]+)$/.exec(event.tag ?? '') ?? [];
      if (event.action !== 'INSERT') return pushesIn([]);
      return pushesIn([{ registry, repository, tag, digest: event.digest?.split('@')[1], id, at }]);
    },
  };
}
