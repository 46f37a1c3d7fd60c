export { type ApiKey, type ApiKeyRequest, apiKeyRequestSchema, apiKeySchema } from './api-keys/api-key.ts';
export { ApiKeys, type KeyUse } from './api-keys/api-keys.ts';
export { allows, type Scope, scopes } from './api-keys/scope.ts';
export { ArtifactLifetimes } from './artifact-lifetimes.ts';
export {
  type Batch,
  type BatchItem,
  batchRequestSchema,
  batchSchema,
} from './batches/batch.ts';
export { type BatchFault, type BatchInput, readBatch } from './batches/batch-input.ts';
export type { BatchPage } from './batches/batch-records.ts';
export {
  type BatchCancellation,
  Batches,
  type BatchSettings,
  type BatchSubmission,
} from './batches/batches.ts';
export type { DeliveryPage } from './callbacks/callback-deliveries.ts';
export {
  type CallbackDelivery,
  callbackDeliverySchema,
} from './callbacks/callback-delivery.ts';
export { type CallbackEndpoint, callbackEndpointSchema } from './callbacks/callback-endpoint.ts';
export type { Registration } from './callbacks/callback-endpoints.ts';
export { callbackSchema } from './callbacks/callback-request.ts';
export { type CallbackSettings, Callbacks } from './callbacks/callbacks.ts';
export { Fleet } from './fleet/fleet.ts';
export { type ServiceStats, serviceStatsSchema } from './fleet/service-stats.ts';
export { type WorkerOutage, type WorkerView, workerViewSchema } from './fleet/worker-view.ts';
export { type Idempotency, idempotencyOf } from './idempotency.ts';
export { isJobId } from './job-id.ts';
export type { JobOrigin } from './job-indexes.ts';
export {
  type AttemptLine,
  isJournalId,
  type LogLine,
  logLineSchema,
  type StateChange,
} from './job-journal.ts';
export { defaultLifetimes, type JobLifetimes } from './job-lifetimes.ts';
export {
  type JobFilter,
  type JobPage,
  type ListedJob,
  listedJobSchema,
} from './job-listing.ts';
export {
  type Cancellation,
  JobQueue,
  type JobQueueSettings,
  type StoreUpkeep,
  type UpkeepIntervals,
} from './job-queue.ts';
export {
  type Job,
  type JobError,
  type JobRecord,
  type JobResult,
  type JobState,
  jobErrorOf,
  jobErrorSchema,
  jobSchema,
  jobStates,
} from './job-record.ts';
export { type AttemptEnd, JobRecords, type NextTry, type Standing, type Submission } from './job-records.ts';
export { type JobKind, type JobRequest, jobRequestSchema, requestedCompression } from './job-request.ts';
export { sweepJobs } from './job-sweep.ts';
export type { JobEvent } from './job-watch.ts';
export { channels, keyPrefix, queueName } from './key-space.ts';
export { logText } from './log-text.ts';
export type { JobUpload } from './lost-uploads.ts';
export { type Mend, mendJob } from './mending.ts';
export type { Labels, MetricFamily, Sample } from './metrics/metric-family.ts';
export { ServiceMetrics } from './metrics/service-metrics.ts';
export type { PhaseTimes } from './metrics/tally.ts';
export { plainWords } from './plain-words.ts';
export { defaultRetryPolicy, PoolQueues, type QueuedData, type RetryPolicy } from './pool-queues.ts';
export { type Allowance, RateLimits } from './rate-limits/rate-limits.ts';
export type { RedisSettings } from './redis-address.ts';
export { askRedis, redisWarnings } from './redis-checks.ts';
export { connectRedis } from './redis-connection.ts';
export { connectionFault } from './redis-fault.ts';
export type { ConnectionKind, Redis } from './redis-options.ts';
export { repeat } from './repeated.ts';
export { type RequestFault, requestFaults } from './request-faults.ts';
export {
  type Schedule,
  type ScheduleRequest,
  type ScheduleRun,
  scheduleRequestSchema,
  scheduleRunSchema,
  scheduleSchema,
} from './schedules/schedule.ts';
export { type ScheduleSettings, Schedules } from './schedules/schedules.ts';
export { secretWarnings } from './secret-checks.ts';
export { serviceLog } from './service-log.ts';
export { identifyStore } from './store-identity.ts';
export { Subscriptions } from './subscriptions.ts';
export { openTracing } from './tracing/open-tracing.ts';
export {
  noTracing,
  type Span,
  type SpanAttributes,
  type SpanStart,
  type Tracing,
} from './tracing/tracing.ts';
export { type Push, type PushEvent, pushSchema } from './triggers/push.ts';
export type { Debounce } from './triggers/pushes.ts';
export {
  type ProviderName,
  providers,
  type Trigger,
  type TriggerLogLine,
  type TriggerRequest,
  triggerLogSchema,
  triggerRequestSchema,
  triggerSchema,
} from './triggers/trigger.ts';
export type { PutTrigger, TriggerRecord } from './triggers/trigger-records.ts';
export { exampleRequest, type TriggerSettings, Triggers } from './triggers/triggers.ts';
