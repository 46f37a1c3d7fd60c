import { z } from 'zod';
import { rfc3339, timeSchema } from '../rfc3339.ts';
import { scopes } from './scope.ts';

/** What is told of a key: all but the key itself, which nobody knows but its holder. */
export const apiKeySchema = z.object({
  id: z.string().describe('The key begins with dimgx_ and this'),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  createdAt: timeSchema,
  expiresAt: timeSchema.optional(),
  lastUsedAt: timeSchema.optional().describe('To the minute'),
});

export type ApiKey = z.output<typeof apiKeySchema>;

/** What a new key is to be: the body of `POST /v1/keys`. */
export const apiKeyRequestSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}]*$/u, 'must be printable')
    .describe('For people: what the key is for'),
  scopes: z
    .array(z.enum(scopes))
    .min(1)
    .max(scopes.length)
    .default(['read', 'submit'])
    .describe('What it may be used for; admin is all'),
  expiresAt: z.iso
    .datetime({ offset: true })
    .refine((text) => Date.parse(text) > Date.now(), 'must be in the future')
    .optional()
    .describe('After which it opens nothing any more; never unless given'),
});

export type ApiKeyRequest = z.output<typeof apiKeyRequestSchema>;

const msSchema = z.coerce.number().int();

/** A key as a Redis hash keeps it. Times in ms. */
const fieldsSchema = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.string(),
  created: msSchema,
  expires: msSchema.optional(),
  used: msSchema.optional(),
});

export function apiKeyOf(fields: Readonly<Record<string, string>>): ApiKey {
  const { id, name, scopes: granted, created, expires, used } = fieldsSchema.parse(fields);
  return apiKeySchema.parse({
    ...{ id, name, scopes: granted.split(','), createdAt: rfc3339(created) },
    ...(expires !== undefined && { expiresAt: rfc3339(expires) }),
    ...(used !== undefined && { lastUsedAt: rfc3339(used) }),
  });
}
