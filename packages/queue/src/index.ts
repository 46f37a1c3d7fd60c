export type { Redis } from 'ioredis';
export { type Idempotency, idempotencyOf } from './idempotency.ts';
export { isJobId } from './job-id.ts';
export { defaultRecordDays, JobQueue, type JobQueueSettings } from './job-queue.ts';
export {
  type Job,
  type JobError,
  type JobRecord,
  type JobResult,
  type JobState,
  jobSchema,
  jobStates,
} from './job-record.ts';
export { type AttemptEnd, JobRecords } from './job-records.ts';
export { type JobKind, type JobRequest, jobRequestSchema, poolSchema } from './job-request.ts';
export { keyPrefix, queueName } from './key-space.ts';
export { jobErrorOf, type Mend, mendJob } from './mending.ts';
export { defaultRetryPolicy, PoolQueues, type QueuedData, type RetryPolicy } from './pool-queues.ts';
export { redisWarnings } from './redis-checks.ts';
export { type ConnectionKind, connectRedis, redisAddress } from './redis-connection.ts';
export { overRedis } from './redis-fault.ts';
export { serviceLog } from './service-log.ts';
