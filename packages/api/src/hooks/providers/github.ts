import { z } from 'zod';
import { type Hook, headerOf, parseBody } from '../hook.ts';
import { pushesIn } from '../push-events.ts';
import { isSigned } from '../shown-secret.ts';

const packageSchema = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  owner: z.object({ login: z.string() }).optional(),
  package_type: z.string(),
  package_version: z
    .object({
      updated_at: z.string().optional(),
      container_metadata: z
        .object({ tag: z.object({ name: z.string().optional(), digest: z.string().optional() }).nullish() })
        .nullish(),
    })
    .nullish(),
});

const bodySchema = z.object({
  action: z.string().optional(),
  package: packageSchema.optional(),
  registry_package: packageSchema.optional(),
});

/**
 * GitHub's container registry, by a webhook with a secret for `package` or `registry_package`, of which both tell the
 * same. The images of an index come too, with an empty tag.
 */
export function github(secret: string): Hook {
  return {
    authenticate: (request) => isSigned(request, 'x-hub-signature-256', secret, 'sha256='),
    read(request) {
      const event = headerOf(request, 'x-github-event') ?? '';
      if (event !== 'package' && event !== 'registry_package') return pushesIn([]);
      const body = parseBody(request, bodySchema);
      const pushed = body.package ?? body.registry_package;
      const isPush = body.action === 'published' || body.action === 'updated';
      if (pushed === undefined || !isPush || !/^(container|docker)$/i.test(pushed.package_type)) {
        return pushesIn([]);
      }
      const { name, namespace = pushed.owner?.login ?? '', package_version: version } = pushed;
      const { name: tag, digest } = version?.container_metadata?.tag ?? {};
      const repository = `${namespace}/${name}`;
      const id = `${repository}:${tag}@${digest} ${version?.updated_at ?? ''}`;
      return pushesIn([{ registry: 'ghcr.io', repository, tag, digest, id }]);
    },
  };
}
