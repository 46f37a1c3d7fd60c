import type { ErrorCode } from '@dimgx/core';
import type { RouteOptions } from 'fastify';
import type { Api } from './api.ts';
import { scopeOf } from './authentication.ts';
import { withProblems } from './problems.ts';

const common = [
  ...(['UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMITED', 'REDIS_UNREACHABLE'] as const),
] satisfies readonly ErrorCode[];

/** Has the description of each route that is declared from now on say which scope it needs, and what else that means. */
export function describeKeys(app: Api): void {
  app.addHook('onRoute', (route: RouteOptions) => {
    route.schema = {
      ...route.schema,
      // OpenAPI 3.1, security requirement object: the roles that are needed.
      security: [{ key: [scopeOf(route.config)] }],
      response: withProblems(route.schema?.response, ...common),
    };
  });
}
