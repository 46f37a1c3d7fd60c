import { DimgxError } from '@dimgx/core';
import { jsonPointer, plainWords } from '@dimgx/queue';
import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';

/** A place of a request that is at fault. */
export interface RequestFault {
  /** JSON pointer (RFC 6901). */
  readonly pointer: string;
  readonly detail: string;
}

/** A request that its route's schema refuses. */
export class InvalidRequest extends DimgxError {
  readonly faults: readonly RequestFault[];

  constructor(issues: readonly z.core.$ZodIssue[]) {
    super('REQUEST_INVALID', 'the request is not as it must be');
    this.faults = issues.map(({ path, message }) => ({ pointer: jsonPointer(path), detail: message }));
  }
}

/** Checks requests by the schemas of their routes, and says in plain words what is wrong with them. */
export const validateRequests: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (data) => {
    const parsed = schema.safeParse(data, { error: plainWords });
    return parsed.success ? { value: parsed.data } : { error: new InvalidRequest(parsed.error.issues) };
  };
