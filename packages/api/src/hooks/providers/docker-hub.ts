import { z } from 'zod';
import { type Hook, parseBody } from '../hook.ts';
import { pushesIn } from '../push-events.ts';
import { hasToken } from '../shown-secret.ts';

const bodySchema = z.object({
  push_data: z.object({ tag: z.string(), pushed_at: z.number() }),
  repository: z.object({ repo_name: z.string() }),
});

/** Docker Hub, which signs nothing and sends no header: the secret is in the URL. It tells no digest. */
export function dockerHub(secret: string): Hook {
  return {
    authenticate: (request) => hasToken(request, secret),
    read(request) {
      const { push_data: data, repository } = parseBody(request, bodySchema);
      const { tag, pushed_at: at } = data;
      const name = repository.repo_name;
      return pushesIn([{ registry: 'docker.io', repository: name, tag, id: `${name}:${tag} ${at}`, at }]);
    },
  };
}
