import { flattenReportSchema } from '@dimgx/core';
import {
  apiKeyRequestSchema,
  apiKeySchema,
  batchRequestSchema,
  batchSchema,
  callbackDeliverySchema,
  callbackEndpointSchema,
  callbackSchema,
  jobErrorSchema,
  jobRequestSchema,
  jobSchema,
  listedJobSchema,
  logLineSchema,
  pushSchema,
  scheduleRequestSchema,
  scheduleRunSchema,
  scheduleSchema,
  serviceStatsSchema,
  triggerLogSchema,
  triggerRequestSchema,
  triggerSchema,
  workerViewSchema,
} from '@dimgx/queue';
import { globalRegistry, type z } from 'zod';

const [batchOfImages, batchOfJobs] = batchRequestSchema.options;
const [, imageReport] = jobSchema.shape.result.unwrap().options;

/** What the document calls schemas of other packages; those of this one have their name where they are made. */
const named: Readonly<Record<string, z.ZodType>> = {
  ApiKey: apiKeySchema,
  ApiKeyRequest: apiKeyRequestSchema,
  Artifact: flattenReportSchema.shape.artifact,
  Batch: batchSchema,
  BatchOfImages: batchOfImages,
  BatchOfJobs: batchOfJobs,
  BatchRequest: batchRequestSchema,
  BatchTemplate: batchOfImages.shape.template.unwrap(),
  Callback: callbackSchema,
  CallbackDelivery: callbackDeliverySchema,
  CallbackEndpoint: callbackEndpointSchema,
  Compression: jobRequestSchema.shape.compression.unwrap(),
  Destination: jobRequestSchema.shape.destination.unwrap(),
  EntryCounts: flattenReportSchema.shape.entries,
  ErrorCode: jobErrorSchema.shape.code,
  FlattenReport: flattenReportSchema,
  FlattenedImage: flattenReportSchema.shape.image,
  FlattenedLayer: flattenReportSchema.shape.layers.element,
  ImageReport: imageReport,
  Job: jobSchema,
  JobError: jobErrorSchema,
  JobProgress: jobSchema.shape.progress,
  JobRequest: jobRequestSchema,
  JobState: jobSchema.shape.state,
  ListedJob: listedJobSchema,
  LogLine: logLineSchema,
  Push: pushSchema,
  PushFilter: triggerRequestSchema.options[0].shape.match.unwrap(),
  Schedule: scheduleSchema,
  ScheduleRequest: scheduleRequestSchema,
  ScheduleRun: scheduleRunSchema,
  ServiceStats: serviceStatsSchema,
  Trigger: triggerSchema,
  TriggerLogLine: triggerLogSchema,
  TriggerPaths: triggerRequestSchema.options[2].shape.paths,
  TriggerRequest: triggerRequestSchema,
  Worker: workerViewSchema,
};

/** Has the document refer to each of them by its name. What they take and refuse stays as it is. */
export function nameSchemas(): void {
  for (const [id, schema] of Object.entries(named)) {
    globalRegistry.add(schema, { ...globalRegistry.get(schema), id });
  }
}
