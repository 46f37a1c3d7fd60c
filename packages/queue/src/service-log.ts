import { type DestinationStream, type Level, type Logger, pino } from 'pino';

/** Names of fields that may hold a secret, wherever they stand one or two levels deep in a log line. */
const secrets = [
  'authorization',
  'password',
  'secret',
  'secretAccessKey',
  'token',
  'sentinelPassword',
  'redis.url',
];

/** The log of a part of the service: one line of JSON an event. To stdout unless told otherwise. */
export function serviceLog(part: string, level: Level = 'info', destination?: DestinationStream): Logger {
  const options = {
    name: part,
    level,
    redact: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
