import { z } from 'zod';
import { type Hook, headerOf, parseBody } from '../hook.ts';
import { hostIn, pushesIn } from '../push-events.ts';
import { isSame, isSigned } from '../shown-secret.ts';

const header = 'x-jfrog-event-auth';

const bodySchema = z.object({
  domain: z.string(),
  event_type: z.string(),
  jpd_origin: z.string().optional(),
  data: z
    .object({
      repo_key: z.string(),
      image_name: z.string(),
      tag: z.string(),
      sha256: z.string().optional(),
    })
    .optional(),
});

/**
 * JFrog Artifactory, by a webhook for "Docker tag was pushed": its secret is sent as it is, or, with "use secret for
 * payload signing", signs the body. `{repository}` begins with the key of Artifactory's repository.
 */
export function jfrog(secret: string): Hook {
  return {
    authenticate(request) {
      return [isSame(headerOf(request, header), secret), isSigned(request, header, secret)].includes(true);
    },
    read(request) {
      const { domain, event_type: type, jpd_origin: origin, data } = parseBody(request, bodySchema);
      if (domain !== 'docker' || type !== 'pushed' || data === undefined) return pushesIn([]);
      const repository = `${data.repo_key}/${data.image_name}`;
      const digest = data.sha256 === undefined ? undefined : `sha256:${data.sha256}`;
      return pushesIn([{ registry: hostIn(origin), repository, tag: data.tag, digest }]);
    },
  };
}
