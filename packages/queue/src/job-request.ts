import {
  type Algorithm,
  algorithms,
  type Compression,
  compressionOf,
  DimgxError,
  keyFault,
  parseLayerSpec,
  parsePlatform,
  patternFault,
  toDimgxError,
  traits,
} from '@dimgx/core';
import { z } from 'zod';
import { callbackSchema, passthroughSchema } from './callbacks/callback-request.ts';

export const jobKinds = ['flatten', 'inspect'] as const;
export const priorities = ['low', 'normal', 'high'] as const;
export const pullPolicies = ['missing', 'always', 'never'] as const;

const maxTimeoutSeconds = 7 * 24 * 60 * 60;
const printable = /^[^\p{Cc}]*$/u;

const text = (maxLength: number) => z.string().min(1).max(maxLength).regex(printable, 'must be printable');
const glob = text(1024).superRefine((pattern, context) => {
  // What is empty has been told by then.
  const fault = pattern === '' ? undefined : patternFault(pattern);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});
const globs = z.array(glob).min(1).max(256);

const compressionSchema = z
  .strictObject({
    algorithm: z.enum(algorithms),
    level: z.int().optional().describe("On the algorithm's own scale; its usual one unless given"),
  })
  .superRefine(({ algorithm, level }, context) => {
    if (compressionOf(algorithm, level) !== undefined) return;
    context.addIssue({ code: 'custom', path: ['level'], message: levelsOf(algorithm) });
  });

function levelsOf(algorithm: Algorithm): string {
  const { levels } = traits[algorithm];
  return levels === undefined
    ? `${algorithm} has no levels`
    : `the levels of ${algorithm} are ${levels.min} to ${levels.max}`;
}

const layerSpec = text(512).superRefine((spec, context) => {
  try {
    parseLayerSpec(spec);
  } catch (error) {
    context.addIssue({ code: 'custom', message: toDimgxError(error).message });
  }
});

const storeKey = z.string().superRefine((key, context) => {
  const fault = keyFault(key);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

const platform = z
  .string()
  .refine((value) => parsePlatform(value) !== undefined, 'must be os/arch or os/arch/variant')
  .describe('os/arch[/variant], such as linux/arm64');

const labels = z
  .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/), z.string().max(256).regex(printable))
  .refine((value) => Object.keys(value).length <= 64, 'must be 64 at the most')
  .describe('For your own use: 64 at the most');

export const poolSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be a-z, 0-9 and "-", 63 at the most');

/** The body of `POST /v1/jobs`, and, with its defaults filled in, the `request` of a job. */
export const jobRequestSchema = z
  .strictObject({
    image: text(1024).describe('An image reference, such as docker-daemon:debian:12'),
    kind: z.enum(jobKinds).default('flatten'),
    layers: z.array(layerSpec).min(1).max(1000).optional().describe('Layer specs, as after -l'),
    platform: platform.optional(),
    compression: compressionSchema.optional().describe('zstd unless given'),
    include: globs.optional(),
    exclude: globs.optional(),
    destination: z.strictObject({ key: storeKey.optional() }).optional(),
    pool: poolSchema.default('default').describe('Which workers may take the job'),
    pull: z.enum(pullPolicies).optional().describe('missing unless given'),
    priority: z.enum(priorities).default('normal'),
    timeoutSeconds: z.int().min(1).max(maxTimeoutSeconds).optional(),
    callback: callbackSchema.optional(),
    labels: labels.optional(),
    passthrough: passthroughSchema.optional(),
    force: z.boolean().optional().describe('Flatten even if the store has the artifact'),
  })
  .superRefine((request, context) => {
    if (request.kind !== 'inspect') return;
    for (const field of flattenOnly) {
      if (request[field] === undefined) continue;
      context.addIssue({ code: 'custom', path: [field], message: 'means nothing to an inspect job' });
    }
  });

const flattenOnly = ['compression', 'include', 'exclude', 'destination', 'force'] as const;

export type JobKind = (typeof jobKinds)[number];
export type Priority = (typeof priorities)[number];
export type JobRequest = z.output<typeof jobRequestSchema>;

/** With its level, and where the request says nothing: zstd. Throws `COMPRESSION_INVALID`. */
export function requestedCompression({ compression }: Pick<JobRequest, 'compression'>): Compression {
  const { algorithm, level } = compression ?? { algorithm: 'zstd' };
  const requested = compressionOf(algorithm, level);
  if (requested !== undefined) return requested;
  throw new DimgxError('COMPRESSION_INVALID', `${algorithm} has no level ${level}`);
}
