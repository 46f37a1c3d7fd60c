import { randomBytes } from 'node:crypto';
import type { TriggerRecord } from '@dimgx/queue';
import type { Hook, HookTools } from './hook.ts';
import { acr } from './providers/acr.ts';
import { distribution } from './providers/distribution.ts';
import { dockerHub } from './providers/docker-hub.ts';
import { ecr } from './providers/ecr.ts';
import { ecrSns } from './providers/ecr-sns.ts';
import { generic } from './providers/generic.ts';
import { gitea } from './providers/gitea.ts';
import { github } from './providers/github.ts';
import { gitlab } from './providers/gitlab.ts';
import { googleArtifactRegistry } from './providers/google-artifact-registry.ts';
import { harbor } from './providers/harbor.ts';
import { jfrog } from './providers/jfrog.ts';
import { quay } from './providers/quay.ts';

const bySecret = {
  ...{ acr, distribution, ecr, gitea, github, gitlab, harbor, jfrog, quay },
  'docker-hub': dockerHub,
} as const;

/** The sender that a trigger is for. */
export function hookOf({ trigger, secret = unknownSecret }: TriggerRecord, tools: HookTools): Hook {
  switch (trigger.provider) {
    case 'ecr-sns':
      return ecrSns(trigger.topicArn, tools);
    case 'google-artifact-registry':
      return googleArtifactRegistry(trigger, tools);
    case 'generic':
      return generic(secret, trigger.paths);
    default:
      return bySecret[trigger.provider](secret);
  }
}

/** Nobody shows it. */
const unknownSecret = randomBytes(32).toString('hex');

/** For hooks that are not there: they refuse as the others do, and take as long. */
export const nobody: Hook = distribution(unknownSecret);
