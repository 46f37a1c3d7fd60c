import { isAbsolute } from 'node:path';
import { isNetwork } from '@dimgx/core';
import { z } from 'zod';
import { limitList } from './limit-list.ts';
import { redisShape } from './redis-settings.ts';
import { hasNoUser, list, settings, urlOf, whole, yesOrNo } from './setting.ts';

const poolName = /^[a-z0-9][a-z0-9-]{0,62}$/;
const storeForm = /^(file:.+|s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?)$/;
const defaultPool = 'default';
const day = 24 * 60 * 60;

/** Every setting of every command, from text: an option's, or else its environment variable's. */
export const configurationSchema = z.object({
  host: z.string().default('127.0.0.1').register(settings, {
    variable: 'DIMGX_HOST',
    flag: '--host',
    meaning:
      'Address that the API listens on. Other than on loopback it wants an API key: DIMGX_API_KEY, or one of `dimgx keys create`.',
    example: '0.0.0.0',
  }),
  port: whole(0, 65_535).default(8080).register(settings, {
    variable: 'DIMGX_PORT',
    flag: '--port',
    meaning: 'Port that the API listens on; 0 takes a free one.',
    example: '9000',
  }),
  data: z.string().default('./data').register(settings, {
    variable: 'DIMGX_DATA',
    flag: '--data',
    meaning: 'Folder for all that `dimgx up` and `dimgx demo` keep.',
    example: '/var/lib/dimgx',
  }),
  workers: whole(1, 64).default(1).register(settings, {
    variable: 'DIMGX_WORKERS',
    flag: '--workers',
    meaning: 'Worker processes that `dimgx up` starts.',
    example: '4',
  }),
  apiKey: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'must be 16 or more printable characters without blanks')
    .optional()
    .register(settings, {
      variable: 'DIMGX_API_KEY',
      meaning:
        'API key with the scope `admin`. Without it, and any of `dimgx keys create`, the API serves this machine alone.',
      default: 'none',
      example: 'a-long-random-string',
      hidden: true,
    }),
  rateLimit: whole(0, 1_000_000).default(1200).register(settings, {
    variable: 'DIMGX_RATE_LIMIT',
    meaning: 'Requests a minute that each API key may make; 0 for any number.',
    example: '6000',
  }),
  hookRateLimit: whole(0, 1_000_000).default(6000).register(settings, {
    variable: 'DIMGX_HOOK_RATE_LIMIT',
    meaning:
      'Webhooks of registries a minute that each address may send, and each trigger takes; 0 for any number.',
    example: '600',
  }),
  url: urlOf(['http:', 'https:'], 'must be a URL such as http://127.0.0.1:8080')
    .refine(hasNoUser, 'must have no user and password: the key is DIMGX_TOKEN')
    .default('http://127.0.0.1:8080')
    .register(settings, {
      variable: 'DIMGX_URL',
      meaning: 'Where the client commands find the API.',
      example: 'https://dimgx.example.org',
      hidden: true,
    }),
  token: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be printable characters without blanks')
    .optional()
    .register(settings, {
      variable: 'DIMGX_TOKEN',
      meaning: 'API key that the client commands send.',
      default: 'none',
      example: 'a-long-random-string',
      hidden: true,
    }),
  ...redisShape,
  store: z
    .string()
    .regex(storeForm, 'must be file:DIR or s3://BUCKET[/PREFIX], a bucket of 3 to 63 characters')
    .optional()
    .register(settings, {
      variable: 'DIMGX_STORE',
      meaning:
        'Where artifacts go: `file:DIR` or `s3://BUCKET/PREFIX`. `dimgx api` and `dimgx worker` need it.',
      default: '`file:` and `artifacts` below DIMGX_DATA, under `dimgx up`',
      example: 's3://images/flat',
    }),
  s3Endpoint: urlOf(['http:', 'https:'], 'must be a URL such as http://127.0.0.1:9000')
    .optional()
    .register(settings, {
      variable: 'S3_ENDPOINT',
      meaning: 'S3-compatible server.',
      default: "AWS's",
      example: 'http://s3:9000',
      hidden: true,
    }),
  s3PublicEndpoint: urlOf(['http:', 'https:'], 'must be a URL such as https://s3.example.org')
    .optional()
    .register(settings, {
      variable: 'S3_PUBLIC_ENDPOINT',
      meaning: 'The same server as its users see it, for the URLs that they get.',
      default: 'S3_ENDPOINT',
      example: 'https://s3.example.org',
      hidden: true,
    }),
  s3CaFile: z.string().optional().register(settings, {
    variable: 'S3_CA_FILE',
    meaning: "PEM file of the authorities that may have signed the S3 server's certificate.",
    default: "the system's, Node's and those of NODE_EXTRA_CA_CERTS",
    example: '/etc/dimgx/s3-ca.pem',
  }),
  s3ForcePathStyle: yesOrNo().optional().register(settings, {
    variable: 'S3_FORCE_PATH_STYLE',
    meaning: 'Name the bucket in the path (`HOST/BUCKET/KEY`), not in the host.',
    default: 'true with S3_ENDPOINT, else false',
    example: 'false',
  }),
  s3Checksums: z
    .enum(['when-required', 'when-supported'], 'must be when-required or when-supported')
    .optional()
    .register(settings, {
      variable: 'S3_CHECKSUMS',
      meaning: 'Whether requests carry a CRC32 beside their signature; some servers refuse it.',
      default: 'when-required with S3_ENDPOINT, else when-supported',
      example: 'when-supported',
    }),
  awsRegion: z.string().optional().register(settings, {
    variable: 'AWS_REGION',
    meaning: 'Region of the bucket.',
    default: "the profile's; us-east-1 with S3_ENDPOINT",
    example: 'eu-central-1',
  }),
  awsAccessKeyId: z.string().optional().register(settings, {
    variable: 'AWS_ACCESS_KEY_ID',
    meaning:
      "S3 credentials. Without them: the profile, web identity or instance role, as AWS's tools find them.",
    default: 'none',
    example: 'AKIA…',
  }),
  awsSecretAccessKey: z.string().optional().register(settings, {
    variable: 'AWS_SECRET_ACCESS_KEY',
    meaning: 'The secret that goes with AWS_ACCESS_KEY_ID.',
    default: 'none',
    example: '…',
    hidden: true,
  }),
  awsSessionToken: z.string().optional().register(settings, {
    variable: 'AWS_SESSION_TOKEN',
    meaning: 'The session token of temporary S3 credentials.',
    default: 'none',
    example: '…',
    hidden: true,
  }),
  dockerHost: urlOf(
    ['unix:', 'tcp:', 'http:', 'https:', 'ssh:'],
    'must be unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST',
  )
    .optional()
    .register(settings, {
      variable: 'DOCKER_HOST',
      meaning: 'The Docker engine of `docker-daemon:` images.',
      default: 'unix:///var/run/docker.sock',
      example: 'tcp://127.0.0.1:2375',
    }),
  fileSources: list(':', z.string().refine(isAbsolute, 'must be absolute folders, colon-separated'))
    .default([])
    .register(settings, {
      variable: 'DIMGX_FILE_SOURCES',
      meaning:
        'Folders, colon-separated, below which jobs may name archives of the host. `dimgx up` and `dimgx worker` warn of those that are not there.',
      default: 'none',
      example: '/srv/images:/mnt/backup',
    }),
  limits: limitList().optional().register(settings, {
    variable: 'DIMGX_LIMITS',
    flag: '--limits',
    meaning:
      'What an image may cost, where it is more or less than the defaults: `NAME=NUMBER`, comma-separated.',
    default: 'see [Limits](#limits)',
    example: 'entries=50000000,uncompressedBytes=4T',
  }),
  timeout: whole(1, 7 * 24 * 60 * 60)
    .default(21_600)
    .register(settings, {
      variable: 'DIMGX_TIMEOUT',
      flag: '--timeout',
      meaning: 'Seconds that `dimgx flatten`, or a job that does not say it itself, may take.',
      example: '3600',
    }),
  callbackNetworks: list(
    ',',
    z.string().refine(isNetwork, 'must be networks such as 10.0.0.0/8, comma-separated'),
  )
    .default([])
    .register(settings, {
      variable: 'DIMGX_CALLBACK_NETWORKS',
      meaning:
        'Networks, comma-separated, that callbacks may go to besides public addresses, and by plain http too.',
      default: 'none',
      example: '10.0.0.0/8,fd00::/8',
    }),
  secretsKey: z
    .string()
    .regex(/^[\x21-\x7e]{32,}$/, 'must be 32 or more printable characters without blanks')
    .optional()
    .register(settings, {
      variable: 'DIMGX_SECRETS_KEY',
      meaning:
        'Key that seals the secrets of callbacks and triggers in Redis. Without one they are kept as they are.',
      default: 'none',
      example: 'a-long-random-string-of-32-or-more',
      hidden: true,
    }),
  concurrency: whole(1, 64).default(1).register(settings, {
    variable: 'DIMGX_CONCURRENCY',
    meaning: 'Jobs of each of its pools that a worker does at a time.',
    example: '4',
  }),
  pools: list(',', z.string().regex(poolName, 'must be names of a-z, 0-9 and -, comma-separated'))
    .default([defaultPool])
    .register(settings, {
      variable: 'DIMGX_POOLS',
      meaning: 'Pools, comma-separated, whose jobs a worker takes.',
      example: 'default,gpu',
    }),
  drainTimeout: whole(0, 7 * day)
    .default(30)
    .register(settings, {
      variable: 'DIMGX_DRAIN_TIMEOUT',
      meaning:
        'Seconds that the jobs of a worker may go on when it is told to stop; then other workers take them.',
      example: '3600',
    }),
  attempts: whole(1, 20).default(3).register(settings, {
    variable: 'DIMGX_ATTEMPTS',
    meaning: 'How often a job is tried in all, if its failures are of a kind that may pass.',
    example: '5',
  }),
  queueTimeout: whole(0, 366 * day)
    .default(7 * day)
    .register(settings, {
      variable: 'DIMGX_QUEUE_TIMEOUT',
      meaning: 'Seconds that a job may wait for a worker before it fails; 0 for any time.',
      example: '3600',
    }),
  recordDays: whole(1, 3650).default(7).register(settings, {
    variable: 'DIMGX_RECORD_DAYS',
    meaning: 'Days that the records of finished jobs are kept.',
    example: '30',
  }),
  logDays: whole(1, 3650).default(7).register(settings, {
    variable: 'DIMGX_LOG_DAYS',
    meaning: 'Days that the logs of finished jobs are kept, at the most as long as their records.',
    example: '2',
  }),
  artifactDays: whole(0, 36_500).default(0).register(settings, {
    variable: 'DIMGX_ARTIFACT_DAYS',
    meaning:
      'Days after which artifacts are removed from the store, since a job last made or found them; 0 for never.',
    example: '90',
  }),
  eventStreams: whole(1, 100_000).default(500).register(settings, {
    variable: 'DIMGX_EVENT_STREAMS',
    meaning: 'Event streams that may be open at one API; each holds a connection.',
    example: '5000',
  }),
  temporary: z.string().optional().register(settings, {
    variable: 'DIMGX_TMP',
    meaning: 'Folder for what is spooled while an image is read; it may need the size of the image.',
    default: "`tmp` below DIMGX_DATA under `dimgx up`, else the system's (`TMPDIR`)",
    example: '/scratch',
  }),
  heartbeatFile: z.string().optional().register(settings, {
    variable: 'DIMGX_HEARTBEAT_FILE',
    meaning:
      'File that a worker writes to every ten seconds while Redis answers: for health checks, by its age.',
    default: 'none',
    example: '/run/dimgx/worker',
  }),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error')
    .default('info')
    .register(settings, {
      variable: 'DIMGX_LOG_LEVEL',
      meaning: 'From which level on the API and the workers log.',
      example: 'debug',
    }),
});

export type Configuration = z.output<typeof configurationSchema>;
export type SettingName = keyof Configuration;
