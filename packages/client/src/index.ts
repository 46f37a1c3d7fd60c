export type { ArtifactListOptions, Artifacts } from './artifacts/artifacts.ts';
export type { StoredArtifact } from './artifacts/stored-artifact.ts';
export type {
  Batch,
  BatchArtifact,
  BatchOfImages,
  BatchOfJobs,
  BatchOutline,
  BatchRequest,
  CancelledBatch,
  EndedBatch,
  FinishedBatch,
  JobTemplate,
  RunningBatch,
} from './batches/batch.ts';
export type { Batches, BatchWaitOptions } from './batches/batches.ts';
export type {
  CallbackDelivery,
  CallbackEndpoint,
  DeliveryAttempt,
  RegisteredCallback,
} from './callbacks/callback.ts';
export type { Callbacks } from './callbacks/callbacks.ts';
export { type ClientOptions, DimgxClient } from './dimgx-client.ts';
export type { PoolStats, ServiceStats, WorkerOutage, WorkerStatus } from './fleet/worker.ts';
export type { Workers } from './fleet/workers.ts';
export type { Health, PartHealth, Readiness } from './health/health.ts';
export type { Artifact, ArtifactOptions } from './jobs/artifact.ts';
export type {
  ArtifactReport,
  EntryCounts,
  FlattenedImage,
  FlattenedLayer,
  FlattenReport,
} from './jobs/flatten-report.ts';
export type {
  HistoryStep,
  ImageConfig,
  ImageReport,
  InspectedImage,
  InspectedLayer,
  LayerUsage,
} from './jobs/image-report.ts';
export {
  type ActiveJob,
  type CancelledJob,
  type CompletedJob,
  type FailedJob,
  type FlattenedJob,
  hasEnded,
  type InspectedJob,
  type Job,
  type JobError,
  type JobOutline,
  type JobState,
  type ListedJob,
  type Phase,
  type Progress,
  type QueuedJob,
} from './jobs/job.ts';
export type { JobEvent, LogLine, ProgressEvent, StateEvent } from './jobs/job-event.ts';
export type { AcceptedRequest, Algorithm, CallbackRequest, JobRequest } from './jobs/job-request.ts';
export type {
  EventOptions,
  JobListOptions,
  JobQuery,
  Jobs,
  LogOptions,
  WaitOptions,
} from './jobs/jobs.ts';
export type { ApiKey, ApiKeyRequest, NewApiKey, Scope } from './keys/api-key.ts';
export type { Keys } from './keys/keys.ts';
export type { ErrorCode } from './requests/error-code.ts';
export type { Page, PageQuery, Pages } from './requests/pages.ts';
export type { IdempotentOptions, RequestOptions } from './requests/request.ts';
export { type Problem, type RequestFault, ServiceError } from './requests/service-error.ts';
export type {
  AcceptedBatch,
  Schedule,
  ScheduleRequest,
  ScheduleRun,
  ScheduleStatus,
} from './schedules/schedule.ts';
export type { Schedules } from './schedules/schedules.ts';
export type {
  GenericSender,
  GoogleSender,
  PushMatch,
  PutTrigger,
  SecretProvider,
  SecretSender,
  SnsSender,
  Trigger,
  TriggerLogLine,
  TriggerRequest,
  TriggerSender,
  TriggerStatus,
} from './triggers/trigger.ts';
export type { PushOptions, Triggers } from './triggers/triggers.ts';
