import { z } from 'zod';
import { jobRequestSchema } from '../job-request.ts';
import { timeSchema } from '../rfc3339.ts';
import { globMatches } from './glob.ts';
import { unknownPlaceholders } from './image-template.ts';
import { type Push, pushSchema } from './push.ts';

/** Senders that know the trigger's secret, in whatever way their requests show it. */
export const secretProviders = [
  ...(['acr', 'distribution', 'docker-hub', 'ecr', 'gitea', 'github'] as const),
  ...(['gitlab', 'harbor', 'jfrog', 'quay'] as const),
] as const;

export const providers = [...secretProviders, 'ecr-sns', 'generic', 'google-artifact-registry'] as const;
export type ProviderName = (typeof providers)[number];

const glob = z.string().min(1).max(256);
const globs = (usual: string) => z.array(glob).min(1).max(64).default([usual]);
const pointer = z
  .string()
  .max(256)
  .regex(/^(\/[^/]+)+$/, 'must be a JSON pointer such as /image/tag');

const secret = z
  .string()
  .regex(/^[\x21-\x7e]{16,256}$/, 'must be 16 to 256 printable characters without blanks')
  .optional()
  .describe('What the sender must show or sign with; made up unless given');

const shared = {
  match: z
    .strictObject({
      repositories: globs('**').describe('* within a component, ** across, ? one character'),
      tags: globs('*'),
    })
    .prefault({}),
  job: jobRequestSchema
    .refine(({ image }) => unknownPlaceholders(image).length === 0, {
      path: ['image'],
      message: 'may hold {registry}, {repository}, {tag} and {digest}, and no other braces',
    })
    .describe(
      'As for POST /v1/jobs; image may hold {registry}, {repository}, {tag}, {digest}. pull is always unless given',
    ),
};

/** The body of `PUT /v1/triggers/{id}`. */
export const triggerRequestSchema = z.discriminatedUnion('provider', [
  z.strictObject({ provider: z.enum(secretProviders), secret, ...shared }),
  z.strictObject({
    provider: z.literal('ecr-sns'),
    topicArn: z
      .string()
      .max(512)
      .regex(/^arn:aws[a-z-]*:sns:/, 'must be the ARN of an SNS topic')
      .describe('The only topic whose messages count'),
    ...shared,
  }),
  z.strictObject({
    provider: z.literal('generic'),
    secret,
    paths: z
      .strictObject({
        pushes: pointer
          .optional()
          .describe('Where a list of pushes stands, in which the others are looked up'),
        registry: pointer.optional(),
        repository: pointer,
        tag: pointer,
        digest: pointer.optional(),
      })
      .describe('JSON pointers (RFC 6901) into the body'),
    ...shared,
  }),
  z.strictObject({
    provider: z.literal('google-artifact-registry'),
    audience: z.string().min(1).max(512).describe('As the push subscription sets it'),
    serviceAccount: z.email().describe('Whose token Pub/Sub sends'),
    ...shared,
  }),
]);

export type TriggerRequest = z.output<typeof triggerRequestSchema>;

const stored = { id: z.string(), createdAt: timeSchema, updatedAt: timeSchema };
const [secretKind, snsKind, genericKind, googleKind] = triggerRequestSchema.options;

/** A trigger as it is shown: with all but its secret. */
export const triggerSchema = z.discriminatedUnion('provider', [
  secretKind.omit({ secret: true }).extend(stored),
  snsKind.extend(stored),
  genericKind.omit({ secret: true }).extend(stored),
  googleKind.extend(stored),
]);

export type Trigger = z.output<typeof triggerSchema>;

/** What became of a push, or of a webhook without one. */
export const triggerLogSchema = z.object({
  at: timeSchema,
  push: pushSchema.optional().describe('Missing where what was sent tells none'),
  job: z.string().optional().describe('That was made for it'),
  ignored: z.string().optional().describe('Why there is none'),
});

export type TriggerLogLine = z.output<typeof triggerLogSchema>;

export function matches({ match }: Pick<Trigger, 'match'>, { repository, tag }: Push): boolean {
  const isOneOf = (globs: readonly string[], text: string) => globs.some((each) => globMatches(each, text));
  return isOneOf(match.repositories, repository) && isOneOf(match.tags, tag);
}
