import { createHash } from 'node:crypto';
import { z } from 'zod';
import { timeSchema } from '../rfc3339.ts';

/** `disabled`: by the receiver, with a 410. Nothing is sent until it is enabled again. */
export const endpointStates = ['enabled', 'disabled'] as const;

/** Whom callbacks are sent to. Its secrets are never part of what is shown. */
export const callbackEndpointSchema = z.object({
  id: z.string(),
  url: z.string().describe('Without a query: URLs that differ in theirs alone are one endpoint'),
  state: z.enum(endpointStates),
  createdAt: timeSchema,
  disabledAt: timeSchema.optional(),
});

export type CallbackEndpoint = z.output<typeof callbackEndpointSchema>;

/** The URL of the endpoint that a callback's URL belongs to. */
export function endpointUrl(callbackUrl: string): string {
  const { origin, pathname } = new URL(callbackUrl);
  return `${origin}${pathname}`;
}

/** Follows from the URL alone, so that whoever knows the URL finds the endpoint. */
export function endpointId(callbackUrl: string): string {
  return createHash('sha256').update(endpointUrl(callbackUrl)).digest('hex').slice(0, 24);
}
