import { createHash } from 'node:crypto';
import swagger from '@fastify/swagger';
import reference from '@scalar/fastify-api-reference';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { Api } from '../api.ts';
import { nameSchemas } from '../openapi/named-schemas.ts';
import { shareProblems } from '../openapi/shared-problems.ts';
import { onlyUsedSchemas } from '../openapi/used-schemas.ts';

const tags = {
  jobs: 'One image each, to be flattened or inspected: submitted, followed, cancelled, done again',
  artifacts: 'What the store holds, whoever put it there',
  batches: 'Up to ten thousand jobs that are submitted and followed as one',
  schedules: 'Jobs and batches by the clock',
  callbacks: 'The endpoints that are told when jobs and batches end, and what was sent to them',
  triggers: "Jobs for what is pushed to a registry, by the registry's webhooks",
  keys: 'Who may use the service, and for what',
  workers: 'Who works, and how much there is to do',
  health: 'Whether the service serves, and its metrics',
};

/** Describes the routes that are declared from now on; `addDocumentRoutes` serves the description. */
export async function describeRoutes(app: Api, version: string): Promise<void> {
  nameSchemas();
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'dimgx',
        version,
        description: 'Flattens container images into root filesystem archives.',
      },
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => shareProblems(onlyUsedSchemas(jsonSchemaTransformObject(document))),
  });
}

/** The description for programs, and the page of it for people. */
export async function addDocumentRoutes(app: Api): Promise<void> {
  app.route({
    method: 'GET',
    url: '/openapi.json',
    schema: { hide: true },
    handler: async () => app.swagger(),
  });
  // In a scope of its own: the reference declares its routes itself, and only these are to have the policy.
  await app.register(async (scope) => {
    let policy: string | undefined;
    scope.addHook('onSend', async (_request, reply, payload) => {
      if (!`${reply.getHeader('content-type')}`.startsWith('text/html')) return;
      policy ??= securityPolicy(`${payload}`);
      reply.headers({ ...pageHeaders, 'content-security-policy': policy });
    });
    await scope.register(reference, { routePrefix: '/docs', logLevel: 'warn', configuration });
  });
}

/** Without the offers of those who make the page, which is to ask nobody but us. */
const configuration = {
  url: '/openapi.json',
  pageTitle: 'dimgx HTTP API',
  favicon: '/dashboard/icon.svg',
  authentication: { preferredSecurityScheme: 'key' },
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
} as const;

const pageHeaders = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' };

/** The page has one script of its own, and one file; its styles are made by the script, and stand in attributes. */
function securityPolicy(page: string): string {
  const [, script = ''] = /<script type="text\/javascript">(.*?)<\/script>/s.exec(page) ?? [];
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join('; ');
}
