import {
  type ArtifactStore,
  flattenReportSchema,
  listArtifacts,
  parseReference,
  type StoredArtifact,
} from '@dimgx/core';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { problemResponses } from '../problems.ts';
import { whileConnected } from '../while-connected.ts';
import { pageQuery } from './job-list.ts';

export interface StoredArtifactRoutes {
  readonly store: ArtifactStore;
}

const keyStart = /^[A-Za-z0-9_-][A-Za-z0-9._/-]{0,600}$/;

const artifactsQuery = z.strictObject({
  image: z.string().optional().describe('As a job names it; without a tag, latest'),
  prefix: z
    .string()
    .regex(keyStart, 'must be the beginning of a key')
    .optional()
    .describe('Only keys that begin so'),
  limit: pageQuery.limit,
  cursor: z.string().regex(keyStart, 'must be the nextCursor of a page').optional(),
});

const storedArtifactSchema = flattenReportSchema
  .omit({ cached: true })
  .extend({ fingerprint: z.string().describe('The same for the same work'), storedAt: z.iso.datetime() })
  .meta({ id: 'StoredArtifact' });

/** What is in the store, whoever put it there and whether or not its job is still known. */
export function addStoredArtifactRoutes(app: Api, { store }: StoredArtifactRoutes): void {
  app.route({
    method: 'GET',
    url: '/artifacts',
    config: { scope: 'read' },
    schema: {
      operationId: 'listArtifacts',
      tags: ['artifacts'],
      summary: 'What the store holds, for an image or in all',
      description:
        'By key. Artifacts of an image at a key of their own are found by their prefix. A page may have fewer than its limit, even none, while others follow: only without a nextCursor is it the last.',
      querystring: artifactsQuery,
      response: {
        200: z.object({ items: z.array(storedArtifactSchema), nextCursor: z.string().optional() }),
        ...problemResponses('REQUEST_INVALID', 'REFERENCE_INVALID', 'UNAUTHORIZED', 'STORE_UNREACHABLE'),
      },
    },
    async handler({ query: { image, prefix, limit, cursor } }, reply) {
      const { artifacts, next } = await listArtifacts(store, {
        image: image === undefined ? undefined : parseReference(image),
        prefix,
        after: cursor,
        limit,
        signal: whileConnected(reply),
      });
      return { items: artifacts.map(view), nextCursor: next };
    },
  });
}

function view({ report, fingerprint, storedAt }: StoredArtifact): z.output<typeof storedArtifactSchema> {
  const { cached: _, ...rest } = report;
  return { ...rest, fingerprint, storedAt: storedAt.toISOString() };
}
