import type { ArtifactStore } from '@dimgx/core';
import type {
  ApiKeys,
  Batches,
  Callbacks,
  Fleet,
  JobQueue,
  RateLimits,
  Schedules,
  ServiceMetrics,
  Tracing,
  Triggers,
} from '@dimgx/queue';
import Fastify, { type FastifyBaseLogger } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import type { Api } from './api.ts';
import { requireKey, requireScopes } from './authentication.ts';
import { ConfiguredKeys } from './configured-keys.ts';
import { answerFaults, refuseMalformed, sendFault } from './faults.ts';
import type { HookTools } from './hooks/hook.ts';
import { keptTexts } from './hooks/kept-texts.ts';
import { readJson } from './json-bodies.ts';
import { describeKeys } from './keyed-documents.ts';
import { requestLog } from './logged-request.ts';
import { watchMethods } from './methods.ts';
import { refuseCompressed } from './plain-bodies.ts';
import { limitRates } from './rate-limits.ts';
import { validateRequests } from './request-validator.ts';
import { addArtifactRoutes } from './routes/artifact.ts';
import { addStoredArtifactRoutes } from './routes/artifacts.ts';
import { addBatchChangeRoutes } from './routes/batch-changes.ts';
import { addBatchJobRoutes } from './routes/batch-jobs.ts';
import { addBatchRoutes } from './routes/batches.ts';
import { addCallbackRoutes } from './routes/callbacks.ts';
import { addDashboardRoutes } from './routes/dashboard.ts';
import { addDocumentRoutes, describeRoutes } from './routes/documents.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addHookRoutes } from './routes/hooks.ts';
import { addJobChangeRoutes } from './routes/job-changes.ts';
import { addJobEventRoutes } from './routes/job-events.ts';
import { addJobListRoutes } from './routes/job-list.ts';
import { addJobLogRoutes } from './routes/job-logs.ts';
import { addJobRoutes } from './routes/jobs.ts';
import { addKeyRoutes } from './routes/keys.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addScheduleRoutes } from './routes/schedules.ts';
import { addTriggerRoutes } from './routes/triggers.ts';
import { addWorkerRoutes } from './routes/workers.ts';
import { traceRequests } from './traced-requests.ts';

export interface ApiParts {
  readonly queue: Pick<JobQueue, 'submit' | 'find' | 'list' | 'logs' | 'watch' | 'cancel' | 'retry' | 'ping'>;
  readonly batches: Omit<Batches, 'close'>;
  readonly schedules: Omit<Schedules, 'close'>;
  readonly callbacks: Omit<Callbacks, 'close'>;
  readonly triggers: Omit<Triggers, 'close'>;
  /** Of a public address: keys of senders of webhooks, and what they wish to be asked for. */
  readonly fetchText: HookTools['fetchText'];
  readonly store: ArtifactStore;
  readonly keys: Pick<ApiKeys, keyof ApiKeys>;
  readonly fleet: Pick<Fleet, 'list' | 'stats'>;
  readonly metrics: Pick<ServiceMetrics, 'read'>;
  /** Keys that may do everything, beside those of `keys`. */
  readonly apiKeys: readonly string[];
  /** Only processes of this machine reach the service: without any key, it is open to them. */
  readonly isLocal: boolean;
  /** How often each key may be used; without them, without end. */
  readonly limits?: Pick<RateLimits, 'take' | 'perMinute'> | undefined;
  /** How many webhooks may come from an address and for a trigger; without them, any number. */
  readonly hookLimits?: Pick<RateLimits, 'take' | 'perMinute'> | undefined;
  /** Folders below which images may be files. */
  readonly fileSources: readonly string[];
  /** How many event streams may be open. */
  readonly eventStreams: number;
  readonly version: string;
  /** Without it, no request is traced. */
  readonly tracing?: Tracing | undefined;
  readonly log: Logger;
}

const MIB = 1024 * 1024;
const second = 1000;

/** The HTTP API, not yet listening. Closing it leaves its parts open. */
export async function buildApi(parts: ApiParts): Promise<Api> {
  const loggerInstance: FastifyBaseLogger = parts.log;
  const app: Api = Fastify({
    loggerInstance,
    childLoggerFactory: requestLog,
    bodyLimit: MIB,
    requestTimeout: 30 * second,
    http: { headersTimeout: 10 * second },
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => void sendFault(error, request, reply),
    clientErrorHandler: refuseMalformed,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validateRequests);
  app.setSerializerCompiler(serializerCompiler);
  // JSON alone: what a form or a script of another site can send without asking is refused.
  app.removeContentTypeParser('text/plain');
  readJson(app);
  answerFaults(app);
  refuseCompressed(app);
  const refuseOtherMethods = watchMethods(app);
  await describeRoutes(app, parts.version);
  if (parts.tracing !== undefined) traceRequests(app, parts.tracing);
  addHealthRoutes(app, parts);
  addMetricsRoute(app, parts);
  await app.register(addKeyedRoutes, { ...parts, prefix: '/v1' });
  const { triggers, fetchText, hookLimits: limits } = parts;
  const hooks = { limits, triggers, tools: { fetchText: keptTexts(fetchText) }, confirm: fetchText };
  await app.register(addHookRoutes, { ...hooks, prefix: '/v1' });
  addDashboardRoutes(app);
  await addDocumentRoutes(app);
  refuseOtherMethods();
  return app;
}

async function addKeyedRoutes(app: Api, parts: ApiParts): Promise<void> {
  const { keys, apiKeys, isLocal, limits } = parts;
  requireKey(app, { keys, configured: new ConfiguredKeys(apiKeys), isLocal });
  if (limits !== undefined) limitRates(app, limits);
  requireScopes(app);
  describeKeys(app);
  addJobRoutes(app, parts);
  addJobListRoutes(app, parts);
  addJobChangeRoutes(app, parts);
  addJobLogRoutes(app, parts);
  addJobEventRoutes(app, parts);
  addArtifactRoutes(app, parts);
  addStoredArtifactRoutes(app, parts);
  addBatchRoutes(app, parts);
  addBatchJobRoutes(app, parts);
  addBatchChangeRoutes(app, parts);
  addScheduleRoutes(app, parts);
  addKeyRoutes(app, parts);
  addWorkerRoutes(app, parts);
  addCallbackRoutes(app, parts);
  addTriggerRoutes(app, parts);
}
