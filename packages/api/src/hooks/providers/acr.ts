import { z } from 'zod';
import { type Hook, parseBody } from '../hook.ts';
import { isManifest, pushesIn } from '../push-events.ts';
import { isAuthorized } from '../shown-secret.ts';

const bodySchema = z.object({
  id: z.string(),
  timestamp: z.string().optional(),
  action: z.string(),
  target: z
    .object({
      mediaType: z.string().optional(),
      repository: z.string(),
      tag: z.string().optional(),
      digest: z.string().optional(),
    })
    .optional(),
  request: z.object({ host: z.string().optional() }).optional(),
});

/** Azure Container Registry, by its webhooks, with a custom header `Authorization`. A ping has no target. */
export function acr(secret: string): Hook {
  return {
    authenticate: (request) => isAuthorized(request, secret),
    read(request) {
      const { id, timestamp, action, target, request: by } = parseBody(request, bodySchema);
      if (action !== 'push' || target === undefined || !isManifest(target.mediaType)) return pushesIn([]);
      const { repository, tag, digest } = target;
      return pushesIn([{ registry: by?.host, repository, tag, digest, id, at: timestamp }]);
    },
  };
}
