import { z } from 'zod';
import { type Hook, parseBody } from '../hook.ts';
import { isManifest, pushesIn } from '../push-events.ts';
import { isAuthorized } from '../shown-secret.ts';

const eventSchema = z.object({
  id: z.string(),
  timestamp: z.string(),
  action: z.string(),
  target: z.object({
    mediaType: z.string().optional(),
    repository: z.string().default(''),
    tag: z.string().optional(),
    digest: z.string().optional(),
  }),
  request: z.object({ host: z.string().optional() }).optional(),
});

const envelopeSchema = z.object({ events: z.array(eventSchema).max(1000) });

/**
 * CNCF Distribution, by its `notifications`: it sends the headers that it is configured with. Pushes of blobs, of an
 * index's own images (which have no tag) and pulls come too.
 */
export function distribution(secret: string): Hook {
  return {
    authenticate: (request) => isAuthorized(request, secret),
    read(request) {
      const { events } = parseBody(request, envelopeSchema);
      const pushes = events.filter(({ action, target }) => action === 'push' && isManifest(target.mediaType));
      return pushesIn(
        pushes.map(({ id, timestamp, target, request: by }) => ({
          ...{ registry: by?.host, repository: target.repository, tag: target.tag, digest: target.digest },
          ...{ id, at: timestamp },
        })),
      );
    },
  };
}
