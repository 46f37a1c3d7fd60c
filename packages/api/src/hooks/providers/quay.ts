import { z } from 'zod';
import { type Hook, parseBody } from '../hook.ts';
import { hostIn, pushesIn } from '../push-events.ts';
import { hasToken } from '../shown-secret.ts';

const bodySchema = z.object({
  repository: z.string(),
  docker_url: z.string(),
  /** Old ones have an object, from the tag to an image's id. */
  updated_tags: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]),
});

/** Quay, by a repository notification, which proves nothing: the secret is in the URL. It tells no digest. */
export function quay(secret: string): Hook {
  return {
    authenticate: (request) => hasToken(request, secret),
    read(request) {
      const { repository, docker_url: url, updated_tags: updated } = parseBody(request, bodySchema);
      const tags = (Array.isArray(updated) ? updated : Object.keys(updated)).slice(0, 1000);
      return pushesIn(tags.map((tag) => ({ registry: hostIn(url), repository, tag })));
    },
  };
}
