import { DimgxError } from '@dimgx/core';
import { plainWords, type RequestFault, requestFaults } from '@dimgx/queue';
import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';

/** A request that its route's schema refuses. */
export class InvalidRequest extends DimgxError {
  readonly faults: readonly RequestFault[];

  constructor(error: z.ZodError) {
    super('REQUEST_INVALID', 'the request is not as it must be');
    this.faults = requestFaults(error);
  }
}

/** Checks requests by the schemas of their routes, and says in plain words what is wrong with them. */
export const validateRequests: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (data) => {
    const parsed = schema.safeParse(data, { error: plainWords });
    return parsed.success ? { value: parsed.data } : { error: new InvalidRequest(parsed.error) };
  };
