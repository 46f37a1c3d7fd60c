import type { ArtifactStore } from '@dimgx/core';
import type { Callbacks, JobQueue } from '@dimgx/queue';
import Fastify, { type FastifyBaseLogger } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import type { Api } from './api.ts';
import { ApiKeys } from './api-keys.ts';
import { requireKey } from './authentication.ts';
import { answerFaults, refuseMalformed, sendFault } from './faults.ts';
import { watchMethods } from './methods.ts';
import { addArtifactRoutes } from './routes/artifact.ts';
import { addCallbackRoutes } from './routes/callbacks.ts';
import { addDocumentRoutes, describeRoutes } from './routes/documents.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addJobChangeRoutes } from './routes/job-changes.ts';
import { addJobListRoutes } from './routes/job-list.ts';
import { addJobLogRoutes } from './routes/job-logs.ts';
import { addJobRoutes } from './routes/jobs.ts';

export interface ApiParts {
  readonly queue: Pick<JobQueue, 'submit' | 'find' | 'list' | 'logs' | 'cancel' | 'retry' | 'ping'>;
  readonly callbacks: Omit<Callbacks, 'close'>;
  readonly store: ArtifactStore;
  /** Without any, everybody who reaches the service may use it. */
  readonly apiKeys: readonly string[];
  /** Folders below which images may be files. */
  readonly fileSources: readonly string[];
  readonly version: string;
  readonly log: Logger;
}

const MIB = 1024 * 1024;
const second = 1000;

/** The HTTP API, not yet listening. Closing it leaves its parts open. */
export async function buildApi(parts: ApiParts): Promise<Api> {
  const loggerInstance: FastifyBaseLogger = parts.log;
  const app: Api = Fastify({
    loggerInstance,
    bodyLimit: MIB,
    requestTimeout: 30 * second,
    http: { headersTimeout: 10 * second },
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => void sendFault(error, request, reply),
    clientErrorHandler: refuseMalformed,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // JSON alone: what a form or a script of another site can send without asking is refused.
  app.removeContentTypeParser('text/plain');
  answerFaults(app);
  const refuseOtherMethods = watchMethods(app);
  await describeRoutes(app, parts.version);
  addHealthRoutes(app, parts);
  await app.register(addKeyedRoutes, { ...parts, prefix: '/v1' });
  await addDocumentRoutes(app);
  refuseOtherMethods();
  return app;
}

async function addKeyedRoutes(app: Api, parts: ApiParts): Promise<void> {
  requireKey(app, new ApiKeys(parts.apiKeys));
  addJobRoutes(app, parts);
  addJobListRoutes(app, parts);
  addJobChangeRoutes(app, parts);
  addJobLogRoutes(app, parts);
  addArtifactRoutes(app, parts);
  addCallbackRoutes(app, parts);
}
