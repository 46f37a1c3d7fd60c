import type { Logger } from 'pino';
import type { RedisSettings } from './redis-address.ts';
import { connectRedis } from './redis-connection.ts';
import type { Redis } from './redis-options.ts';

/** Milliseconds. */
const askedEvery = 10_000;

type Listener = (message: string) => void;

/**
 * Hears what is published on Redis channels, over a connection of its own. What is said while that is away is not
 * heard: whoever listens must also look from time to time.
 */
export class Subscriptions {
  readonly #redis: Redis;
  readonly #log: Logger;
  readonly #asking: NodeJS.Timeout;
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Throws `REDIS_UNREACHABLE` or `CONFIG_INVALID`. The caller closes the subscriptions. */
  static async connect(settings: RedisSettings, log: Logger): Promise<Subscriptions> {
    const onError = (err: Error) => log.warn({ err }, 'redis connection');
    return new Subscriptions(await connectRedis(settings, 'listener', onError), log);
  }

  private constructor(redis: Redis, log: Logger) {
    this.#redis = redis;
    this.#log = log;
    // One that says nothing is as one that is gone, and is left when this has no answer.
    this.#asking = setInterval(() => redis.ping().catch(() => {}), askedEvery).unref();
    redis.on('message', (channel, message) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener(message);
    });
  }

  /** Returns what ends it. */
  listen(channel: string, listener: Listener): () => void {
    const known = this.#listeners.get(channel);
    if (known === undefined) {
      this.#listeners.set(channel, new Set([listener]));
      this.#tell('subscribe', channel);
    } else known.add(listener);
    return () => {
      const listeners = this.#listeners.get(channel);
      if (listeners?.delete(listener) !== true || listeners.size > 0) return;
      this.#listeners.delete(channel);
      this.#tell('unsubscribe', channel);
    };
  }

  close(): void {
    clearInterval(this.#asking);
    this.#redis.disconnect();
  }

  /** Not waited for: while Redis is away, it is told when it is back. */
  #tell(what: 'subscribe' | 'unsubscribe', channel: string): void {
    this.#redis[what](channel).catch((err: unknown) => {
      if (this.#redis.status !== 'end') this.#log.warn({ err, channel }, `can't ${what}`);
    });
  }
}
