import { z } from 'zod';
import { type Hook, parseBody } from '../hook.ts';
import { hostIn, pushesIn } from '../push-events.ts';
import { isAuthorized } from '../shown-secret.ts';

const pushedSchema = z.object({
  resources: z
    .array(
      z.object({
        tag: z.string().optional(),
        digest: z.string().optional(),
        resource_url: z.string().optional(),
      }),
    )
    .max(1000),
  repository: z.object({ repo_full_name: z.string() }),
});

const bodySchema = z.union([
  z.object({ type: z.literal('PUSH_ARTIFACT'), occur_at: z.number(), event_data: pushedSchema }),
  // The same as a CloudEvent, which the operator of Harbor may choose.
  z.object({
    specversion: z.string(),
    type: z.literal('harbor.artifact.pushed'),
    id: z.string(),
    time: z.string().optional(),
    data: pushedSchema,
  }),
  z.object({ type: z.string() }),
]);

/** Harbor, by a webhook policy: what its "Auth Header" says is the value of `Authorization`. */
export function harbor(secret: string): Hook {
  return {
    authenticate: (request) => isAuthorized(request, secret),
    read(request) {
      const body = parseBody(request, bodySchema);
      if ('event_data' in body) {
        const at = body.occur_at;
        return pushes(body.event_data, at, ({ tag, digest }) => `${at} ${tag}@${digest}`);
      }
      if ('data' in body) return pushes(body.data, body.time, ({ tag }) => `${body.id} ${tag}`);
      return pushesIn([]);
    },
  };
}

type Pushed = z.output<typeof pushedSchema>;

function pushes(
  { resources, repository }: Pushed,
  at: string | number | undefined,
  idOf: (resource: Pushed['resources'][number]) => string,
) {
  return pushesIn(
    resources.map((resource) => {
      const { tag, digest, resource_url: url } = resource;
      const repositoryName = repository.repo_full_name;
      return { registry: hostIn(url), repository: repositoryName, tag, digest, id: idOf(resource), at };
    }),
  );
}
