import type { Operation } from './openapi-operations.ts';

/** What makes an operation's method other than the document alone would have it. */
export interface Method {
  readonly name: string;
  /** Types of what the method takes and the document does not describe. */
  readonly body?: string;
  readonly options?: string;
}

/** Every operation of the API, and the method that asks for it. */
const methods: Readonly<Record<string, string | Method>> = {
  'GET /livez': 'health.live',
  'GET /readyz': 'health.ready',
  'POST /v1/jobs': 'jobs.submit',
  'GET /v1/jobs': 'jobs.list',
  'GET /v1/jobs/{id}': 'jobs.get',
  'DELETE /v1/jobs/{id}': 'jobs.cancel',
  'POST /v1/jobs/{id}/retry': 'jobs.retry',
  'GET /v1/jobs/{id}/logs': 'jobs.logs',
  'GET /v1/jobs/{id}/events': 'jobs.events',
  // Asked for with Range.
  'GET /v1/jobs/{id}/artifact': {
    name: 'jobs.artifact',
    options: '{ start?: number; end?: number; held?: AsyncIterable<Uint8Array> }',
  },
  'POST /v1/batches': 'batches.submit',
  'GET /v1/batches': 'batches.list',
  'GET /v1/batches/{id}': 'batches.get',
  'DELETE /v1/batches/{id}': 'batches.cancel',
  'GET /v1/batches/{id}/jobs': 'batches.jobs',
  'GET /v1/batches/{id}/artifacts': 'batches.artifacts',
  'POST /v1/batches/{id}/retry': 'batches.retry',
  'PUT /v1/schedules/{id}': 'schedules.put',
  'GET /v1/schedules/{id}': 'schedules.get',
  'DELETE /v1/schedules/{id}': 'schedules.delete',
  'GET /v1/schedules': 'schedules.list',
  'POST /v1/schedules/{id}/run': 'schedules.run',
  'POST /v1/schedules/{id}/pause': 'schedules.pause',
  'POST /v1/schedules/{id}/resume': 'schedules.resume',
  'POST /v1/keys': 'keys.create',
  'GET /v1/keys': 'keys.list',
  'GET /v1/keys/{id}': 'keys.get',
  'DELETE /v1/keys/{id}': 'keys.revoke',
  'GET /metrics': 'health.metrics',
  'GET /v1/artifacts': 'artifacts.list',
  'GET /v1/workers': 'workers.list',
  'GET /v1/stats': 'stats',
  'POST /v1/callbacks': 'callbacks.register',
  'GET /v1/callbacks': 'callbacks.list',
  'GET /v1/callbacks/{id}': 'callbacks.get',
  'DELETE /v1/callbacks/{id}': 'callbacks.delete',
  'POST /v1/callbacks/{id}/rotate': 'callbacks.rotate',
  'POST /v1/callbacks/{id}/enable': 'callbacks.enable',
  'POST /v1/callbacks/{id}/ping': 'callbacks.ping',
  'GET /v1/callbacks/{id}/deliveries': 'callbacks.deliveries',
  'GET /v1/callbacks/{id}/deliveries/{delivery}': 'callbacks.delivery',
  'POST /v1/callbacks/{id}/deliveries/{delivery}/redeliver': 'callbacks.redeliver',
  'PUT /v1/triggers/{id}': 'triggers.put',
  'GET /v1/triggers/{id}': 'triggers.get',
  'DELETE /v1/triggers/{id}': 'triggers.delete',
  'GET /v1/triggers': 'triggers.list',
  // Any body; the secret goes into a header, where no log shows it.
  'POST /v1/hooks/{id}': { name: 'triggers.push', body: 'object', options: '{ secret?: string }' },
};

/** Methods that are made of others. */
export const composed = ['batches.wait', 'jobs.followLogs', 'jobs.wait'];

/** The names of all operations that have a method. */
export const operationNames = Object.keys(methods);

/** Throws for an operation that has none. */
export function methodOf({ name }: Operation): Method {
  const method = methods[name];
  if (method === undefined) throw new Error(`the client has no method for ${name}`);
  return typeof method === 'string' ? { name: method } : method;
}

/** `idempotencyKey` for the header of that name. */
export function optionName(header: string): string {
  return header.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
