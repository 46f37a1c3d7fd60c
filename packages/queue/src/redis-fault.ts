import { DimgxError, systemCode, toDimgxError } from '@dimgx/core';

/** Replies of a Redis that is there but can't serve now, or not us. Before Redis 7 a script has them in the middle. */
const unavailable = new RegExp(
  '(^|: -)(LOADING|BUSY|MISCONF|OOM|NOAUTH|WRONGPASS|NOPERM|' +
    'MASTERDOWN|READONLY|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|MOVED)\\b|non local key in a cluster node|^ERR DB index is',
);

/** Runs `work`, which talks to Redis. Throws `REDIS_UNREACHABLE` if Redis can't serve, `INTERNAL` if it objects. */
export async function overRedis<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw redisFault(thrown);
  }
}

/** A fault of a connection as `REDIS_UNREACHABLE`; others as they are. */
export function connectionFault(error: Error): Error {
  const isOfConnection =
    systemCode(error) !== undefined || ofConnection.test(error.message) || isNotLetIn(error);
  return isOfConnection ? redisFault(error) : error;
}

/** Whether a Redis that is there refuses the connection as a whole. */
export function isNotLetIn(error: Error): boolean {
  return ofPassword.test(error.message) || noSuchDatabase.test(error.message);
}

/** The answer to the choice of a database that there is not. */
export const noSuchDatabase = /^ERR DB index is out of range/;

/** What ioredis says itself. */
const ofConnection = new RegExp(
  "^(Connection is closed|Stream isn't writeable|Command timed out|Socket timeout|All sentinels are|failed to connect to " +
    "sentinel|Cluster is|Cluster isn't ready|None of startup nodes|Failed to refresh slots|Too many Cluster redirections)",
);

function redisFault(thrown: unknown): DimgxError {
  if (thrown instanceof DimgxError) return thrown;
  const isRefusal = isReply(thrown);
  if (isRefusal && !unavailable.test(thrown.message)) return toDimgxError(thrown);
  const what = isRefusal ? 'Redis can not serve now' : 'Redis does not answer';
  return new DimgxError('REDIS_UNREACHABLE', `${what}: ${reasonOf(thrown)}`, { cause: thrown });
}

/** An answer of the server, in contrast to a fault of the connection. BullMQ's own errors are plain ones. */
function isReply(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === 'ReplyError';
}

const ofPassword = /^(NOAUTH|WRONGPASS)/;

export function isOfPassword(thrown: unknown): boolean {
  return thrown instanceof Error && ofPassword.test(thrown.message);
}

/** What the client library, Node or Redis say, and what that means to whoever runs the service. */
const meanings: readonly [says: RegExp, means: string][] = [
  // A command that was not allowed to be kept for later.
  [/^(Stream isn't writeable|Cluster isn't ready|Connection is closed)/, 'not connected'],
  [/^Too many Cluster redirections.*\b(TRYAGAIN|ASK)/, 'our keys are moving to another node of the cluster'],
  [/^Too many Cluster redirections/, 'the node of the cluster that has our keys is away'],
  [/^NOAUTH/, 'it asks for a password: put it into REDIS_URL, as in redis://:PASSWORD@HOST:PORT'],
  [/^WRONGPASS/, 'it does not take the user name or password of REDIS_URL'],
  [/^MOVED/, 'it is a node of a cluster, so REDIS_URL must begin with redis+cluster:'],
  [/cluster support disabled/, 'it is no node of a cluster, so REDIS_URL must begin with redis:'],
  [noSuchDatabase, 'it has no database of that number; see REDIS_URL'],
  [/Please report this/, 'what answers there is no Redis; see REDIS_URL'],
  [/invalid reply: null|No such master/, 'its sentinels know no master of that name; see REDIS_URL'],
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)/,
    'no authority that is trusted here signed its certificate; set REDIS_CA_FILE',
  ],
  [/CERTIFICATE_REQUIRED/, 'it wants a certificate of ours; set REDIS_CERT_FILE and REDIS_KEY_FILE'],
];

/** Why Redis can't be used, in a line. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  // What lies behind a fault of a whole cluster.
  if ('lastNodeError' in thrown && thrown.lastNodeError instanceof Error)
    return reasonOf(thrown.lastNodeError);
  const [line = ''] = thrown.message.split('\n');
  const code = systemCode(thrown) ?? '';
  const meaning = meanings.find(([says]) => says.test(line) || says.test(code))?.[1];
  if (meaning === undefined) return line;
  return code === '' ? meaning : `${meaning} (${code})`;
}
