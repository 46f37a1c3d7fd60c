import type { S3Settings } from '@dimgx/core';
import type { JobLifetimes } from '@dimgx/queue';
import type { Configuration } from './configuration-schema.ts';
import { redisNames } from './redis-settings.ts';

/** The settings of an S3 store. */
export const s3Names = [
  ...(['s3Endpoint', 's3PublicEndpoint', 's3CaFile', 's3ForcePathStyle', 's3Checksums'] as const),
  ...(['awsRegion', 'awsAccessKeyId', 'awsSecretAccessKey', 'awsSessionToken'] as const),
] as const;

/** How long jobs may wait, and what is left of them is kept. */
const lifetimeNames = ['queueTimeout', 'recordDays', 'logDays', 'artifactDays'] as const;

/** What both parts of a fleet are told, in the same way. */
export const fleetNames = [
  ...redisNames,
  'store',
  'fileSources',
  'attempts',
  ...lifetimeNames,
  'logLevel',
  ...s3Names,
] as const;

/** As the store takes them; what is not set is left to it. */
export function s3Settings(configuration: Pick<Configuration, (typeof s3Names)[number]>): S3Settings {
  const { s3Endpoint, s3PublicEndpoint, s3CaFile, s3ForcePathStyle, s3Checksums, awsRegion } = configuration;
  const { awsAccessKeyId, awsSecretAccessKey, awsSessionToken } = configuration;
  return {
    ...(s3Endpoint !== undefined && { endpoint: s3Endpoint }),
    ...(s3PublicEndpoint !== undefined && { publicEndpoint: s3PublicEndpoint }),
    ...(s3CaFile !== undefined && { caFile: s3CaFile }),
    ...(s3ForcePathStyle !== undefined && { forcePathStyle: s3ForcePathStyle }),
    ...(s3Checksums !== undefined && { checksums: s3Checksums }),
    ...(awsRegion !== undefined && { region: awsRegion }),
    ...(awsAccessKeyId !== undefined &&
      awsSecretAccessKey !== undefined && {
        credentials: {
          accessKeyId: awsAccessKeyId,
          secretAccessKey: awsSecretAccessKey,
          ...(awsSessionToken !== undefined && { sessionToken: awsSessionToken }),
        },
      }),
  };
}

/** As the queue takes them. */
export function lifetimesOf(settings: Pick<Configuration, (typeof lifetimeNames)[number]>): JobLifetimes {
  const { queueTimeout, recordDays, logDays, artifactDays } = settings;
  return { queueTimeoutSeconds: queueTimeout, recordDays, logDays, artifactDays };
}
