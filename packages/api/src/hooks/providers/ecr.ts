import { z } from 'zod';
import { type Hook, parseBody } from '../hook.ts';
import { isManifest, pushesIn } from '../push-events.ts';
import { isAuthorized } from '../shown-secret.ts';

/** What EventBridge sends of ECR; of others, what tells them apart. */
export const eventBridgeSchema = z.union([
  z.object({
    id: z.string(),
    source: z.literal('aws.ecr'),
    'detail-type': z.literal('ECR Image Action'),
    account: z.string().regex(/^\d{12}$/),
    region: z.string().regex(/^[a-z0-9-]{1,32}$/),
    time: z.string(),
    detail: z.object({
      'action-type': z.string(),
      result: z.string(),
      'repository-name': z.string(),
      'image-tag': z.string().optional(),
      'image-digest': z.string().optional(),
      'manifest-media-type': z.string().optional(),
    }),
  }),
  z.object({ source: z.string() }),
]);

/** Amazon's registry, by an EventBridge rule with an API destination whose connection sends `Authorization`. */
export function ecr(secret: string): Hook {
  return {
    authenticate: (request) => isAuthorized(request, secret),
    read: (request) => ecrPushes(parseBody(request, eventBridgeSchema)),
  };
}

export function ecrPushes(event: z.output<typeof eventBridgeSchema>) {
  if (!('detail' in event)) return pushesIn([]);
  const { id, account, region, time: at, detail } = event;
  const mediaType = detail['manifest-media-type'];
  const isPush = detail['action-type'] === 'PUSH' && detail.result === 'SUCCESS';
  if (!isPush || (mediaType !== undefined && !isManifest(mediaType))) return pushesIn([]);
  const registry = `${account}.dkr.ecr.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  const repository = detail['repository-name'];
  return pushesIn([
    { registry, repository, tag: detail['image-tag'], digest: detail['image-digest'], id, at },
  ]);
}
