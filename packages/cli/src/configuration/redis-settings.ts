import type { RedisSettings } from '@dimgx/queue';
import { z } from 'zod';
import { settings } from './setting.ts';

/** How it goes on is for the queue to judge. */
const redisForm = /^rediss?(\+(sentinel|cluster))?:\/\/[^/]/;

/** Where Redis is, and how one gets in. */
export const redisShape = {
  redisUrl: z
    .string()
    .regex(
      redisForm,
      'must be redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], or begin with rediss:, redis+sentinel: or redis+cluster:',
    )
    .optional()
    .register(settings, {
      variable: 'REDIS_URL',
      meaning:
        'Redis of the queue, in one of the forms of [operations.md](operations.md#redis). `dimgx api` and `dimgx worker` need it; `dimgx up` starts a private one without it.',
      default: 'none',
      example: 'redis://:password@redis:6379',
      hidden: true,
    }),
  redisSentinelPassword: z.string().optional().register(settings, {
    variable: 'REDIS_SENTINEL_PASSWORD',
    meaning:
      'What the sentinels of a `redis+sentinel://` want to hear; that of Redis itself is in REDIS_URL.',
    default: 'none',
    example: 'a-long-random-string',
    hidden: true,
  }),
  redisCaFile: z.string().optional().register(settings, {
    variable: 'REDIS_CA_FILE',
    meaning: 'PEM file of the authorities that may have signed the certificate of a `rediss://`.',
    default: "the system's, Node's and those of NODE_EXTRA_CA_CERTS",
    example: '/etc/dimgx/redis-ca.pem',
  }),
  redisCertFile: z.string().optional().register(settings, {
    variable: 'REDIS_CERT_FILE',
    meaning: 'PEM file of the certificate to show to a Redis that wants one.',
    default: 'none',
    example: '/etc/dimgx/redis-client.pem',
  }),
  redisKeyFile: z.string().optional().register(settings, {
    variable: 'REDIS_KEY_FILE',
    meaning: 'PEM file of the key that goes with REDIS_CERT_FILE.',
    default: 'none',
    example: '/etc/dimgx/redis-client.key',
  }),
} as const;

type RedisName = keyof typeof redisShape;

export const redisNames = Object.keys(redisShape) as readonly RedisName[];

/** As the queue takes them, with the URL of the Redis that is meant. */
export function redisSettings(
  url: string,
  configuration: { readonly [Name in RedisName]?: string | undefined },
): RedisSettings {
  const { redisSentinelPassword, redisCaFile, redisCertFile, redisKeyFile } = configuration;
  return {
    ...{ url, sentinelPassword: redisSentinelPassword },
    ...{ caFile: redisCaFile, certificateFile: redisCertFile, keyFile: redisKeyFile },
  };
}
