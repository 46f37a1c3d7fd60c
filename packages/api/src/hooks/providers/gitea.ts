import { z } from 'zod';
import { type Hook, headerOf, parseBody } from '../hook.ts';
import { hostIn, pushesIn } from '../push-events.ts';
import { isSigned } from '../shown-secret.ts';

const bodySchema = z.object({
  action: z.string().optional(),
  package: z
    .object({
      type: z.string(),
      name: z.string(),
      version: z.string(),
      owner: z.object({ login: z.string() }),
      html_url: z.string().optional(),
    })
    .optional(),
});

/**
 * Gitea and Forgejo, by a webhook of the owner with a secret, for packages. The images of an index come too, with their
 * digest for a version, which is no tag.
 */
export function gitea(secret: string): Hook {
  const signatures = ['x-gitea-signature', 'x-forgejo-signature'];
  return {
    authenticate: (request) => signatures.map((name) => isSigned(request, name, secret)).includes(true),
    read(request) {
      const { action, package: pushed } = parseBody(request, bodySchema);
      if (action !== 'created' || pushed?.type !== 'container') return pushesIn([]);
      const { name, version: tag, owner, html_url: url } = pushed;
      if (tag.startsWith('sha256:')) return pushesIn([]);
      const id = headerOf(request, 'x-gitea-delivery') ?? headerOf(request, 'x-forgejo-delivery');
      return pushesIn([{ registry: hostIn(url), repository: `${owner.login}/${name}`, tag, id }]);
    },
  };
}
