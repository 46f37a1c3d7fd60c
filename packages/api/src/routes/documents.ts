import swagger from '@fastify/swagger';
import reference from '@scalar/fastify-api-reference';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { Api } from '../api.ts';

/** Describes the routes that are declared from now on; `addDocumentRoutes` serves the description. */
export async function describeRoutes(app: Api, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'dimgx',
        version,
        description: 'Flattens container images into root filesystem archives.',
      },
      tags: [
        { name: 'jobs' },
        { name: 'artifacts' },
        { name: 'batches' },
        { name: 'schedules' },
        { name: 'callbacks' },
        { name: 'triggers' },
        { name: 'keys' },
        { name: 'workers' },
        { name: 'health' },
      ],
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
}

/** The description for programs and for people; the page loads nothing from elsewhere. */
export async function addDocumentRoutes(app: Api): Promise<void> {
  app.route({
    method: 'GET',
    url: '/openapi.json',
    schema: { hide: true },
    handler: async () => app.swagger(),
  });
  await app.register(reference, {
    routePrefix: '/docs',
    logLevel: 'warn',
    configuration: {
      url: '/openapi.json',
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  });
}
