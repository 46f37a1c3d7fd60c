/** Whom callbacks are sent to. Times are RFC 3339 in UTC. */
export interface CallbackEndpoint {
  readonly id: string;
  /** Without a query: URLs that differ in theirs alone are one endpoint. */
  readonly url: string;
  /** `disabled` by the receiver, with a 410: nothing is sent until it is enabled again. */
  readonly state: 'enabled' | 'disabled';
  readonly createdAt: string;
  readonly disabledAt?: string;
}

/** An endpoint as its registration tells it. */
export interface RegisteredCallback extends CallbackEndpoint {
  /** Receivers verify signatures with it. Told this once: an endpoint that was there comes without. */
  readonly secret?: string;
}

/** One event on its way to one endpoint. */
export interface CallbackDelivery {
  /** The webhook-id, the same in all attempts. */
  readonly id: string;
  readonly endpoint: string;
  readonly type: 'job.completed' | 'job.failed' | 'job.cancelled' | 'batch.completed' | 'callback.ping';
  /** The job or batch whose end it tells. */
  readonly job?: string;
  readonly batch?: string;
  readonly state: 'pending' | 'delivered' | 'failed';
  /** The last ones, oldest first. */
  readonly attempts: readonly DeliveryAttempt[];
  readonly createdAt: string;
  readonly nextAttemptAt?: string;
  readonly finishedAt?: string;
}

/** One try to deliver an event. */
export interface DeliveryAttempt {
  readonly at: string;
  readonly durationMs: number;
  /** What the receiver answered. */
  readonly status?: number;
  /** Why there was no answer. */
  readonly fault?: string;
}
