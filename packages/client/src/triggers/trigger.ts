import type { AcceptedRequest, JobRequest } from '../jobs/job-request.ts';

/** Senders that know the trigger's secret. */
export type SecretProvider =
  | 'acr'
  | 'distribution'
  | 'docker-hub'
  | 'ecr'
  | 'gitea'
  | 'github'
  | 'gitlab'
  | 'harbor'
  | 'jfrog'
  | 'quay';

/** Which pushes make a job, by globs: `*` within a component, `**` across, `?` one character. All, unless given. */
export interface PushMatch {
  readonly repositories: readonly string[];
  readonly tags: readonly string[];
}

/** Who sends the webhooks of a trigger, and how that is known. */
export type TriggerSender = SecretSender | SnsSender | GenericSender | GoogleSender;

/** A registry that shows the secret, or signs with it. */
export interface SecretSender {
  readonly provider: SecretProvider;
}

/** Amazon ECR, by EventBridge and SNS. */
export interface SnsSender {
  readonly provider: 'ecr-sns';
  /** The only topic whose messages count. */
  readonly topicArn: string;
}

/** Whoever can send JSON, and shows the secret. */
export interface GenericSender {
  readonly provider: 'generic';
  /** JSON pointers (RFC 6901) into the body; `pushes` is where a list stands, in which the others are looked up. */
  readonly paths: {
    readonly pushes?: string;
    readonly registry?: string;
    readonly repository: string;
    readonly tag: string;
    readonly digest?: string;
  };
}

/** Google Artifact Registry, by Pub/Sub. */
export interface GoogleSender {
  readonly provider: 'google-artifact-registry';
  /** As the push subscription sets it. */
  readonly audience: string;
  /** Whose token Pub/Sub sends. */
  readonly serviceAccount: string;
}

interface TriggerWork {
  readonly match?: Partial<PushMatch>;
  /** Its `image` may hold `{registry}`, `{repository}`, `{tag}` and `{digest}`; `pull` is `always` unless given. */
  readonly job: JobRequest;
}

interface OwnSecret {
  /** What the sender must show or sign with, 16 to 256 printable characters; made up unless given. */
  readonly secret?: string;
}

/** The body of `PUT /v1/triggers/{id}`. */
export type TriggerRequest = TriggerWork &
  ((SecretSender & OwnSecret) | SnsSender | (GenericSender & OwnSecret) | GoogleSender);

/** Jobs by a registry's webhook, with all but the secret. Times are RFC 3339 in UTC. */
export type Trigger = TriggerSender & {
  readonly id: string;
  readonly match: PushMatch;
  readonly job: AcceptedRequest;
  readonly createdAt: string;
  readonly updatedAt: string;
};

/** A trigger as its putting tells it. */
export interface PutTrigger {
  readonly trigger: Trigger;
  /** The path that the registry is to send its webhooks to. */
  readonly hook: string;
  /** One that was made up, told this once. */
  readonly secret?: string;
}

/** What became of a push, or of a webhook without one. */
export interface TriggerLogLine {
  readonly at: string;
  /** Missing where what was sent tells none. */
  readonly push?: {
    readonly registry?: string;
    readonly repository: string;
    readonly tag: string;
    readonly digest?: string;
  };
  /** The job that was made for it. */
  readonly job?: string;
  /** Why there is none. */
  readonly ignored?: string;
}

/** A trigger, and what became of its pushes. */
export interface TriggerStatus {
  readonly trigger: Trigger;
  readonly hook: string;
  /** Newest first, 50 at the most. */
  readonly log: readonly TriggerLogLine[];
}
