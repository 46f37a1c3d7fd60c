import { DimgxError } from '@dimgx/core';
import { runScript } from '../lua/redis-script.ts';
import { overRedis } from '../redis-fault.ts';
import type { Redis } from '../redis-options.ts';
import { rfc3339 } from '../rfc3339.ts';
import type { SecretSeal } from '../secret-seal.ts';
import {
  type CallbackEndpoint,
  callbackEndpointSchema,
  endpointId,
  endpointUrl,
} from './callback-endpoint.ts';
import { callbackKeys as keys } from './callback-keys.ts';
import { changeEndpoint } from './lua/change-endpoint.ts';
import { forgetEndpoint } from './lua/forget-endpoint.ts';
import { registerEndpoint } from './lua/register-endpoint.ts';
import { rotateSecret } from './lua/rotate-secret.ts';
import { newSigningSecret } from './signed-event.ts';

const maxEndpoints = 1000;
/** How long a secret still signs beside the one that took its place. Milliseconds. */
const rotationOverlap = 24 * 60 * 60 * 1000;

export interface Registration {
  readonly endpoint: CallbackEndpoint;
  /** Of an endpoint that is new: the only time that it is told. */
  readonly secret?: string;
}

/** Whom callbacks are sent to, and with which secrets. Throws `REDIS_UNREACHABLE`. */
export class CallbackEndpoints {
  readonly #redis: Redis;
  readonly #seal: SecretSeal;

  constructor(redis: Redis, seal: SecretSeal) {
    this.#redis = redis;
    this.#seal = seal;
  }

  /** The endpoint of a callback's URL, made if it is not known. Throws `LIMIT_EXCEEDED`. */
  async register(callbackUrl: string): Promise<Registration> {
    const id = endpointId(callbackUrl);
    const now = Date.now();
    const url = endpointUrl(callbackUrl);
    const endpoint: CallbackEndpoint = { id, url, state: 'enabled', createdAt: rfc3339(now) };
    const secret = newSigningSecret();
    const outcome = await runScript(
      this.#redis,
      registerEndpoint,
      [keys.endpoint(id), keys.endpoints, keys.secrets(id)],
      [id, now, this.#seal.seal(secret), maxEndpoints, ...Object.entries(endpoint).flat()],
    );
    if (outcome === 'registered') return { endpoint, secret };
    if (outcome === 'known') return { endpoint: await this.find(id) };
    const message = `there are ${maxEndpoints} callback endpoints already: delete one that is not needed`;
    throw new DimgxError('LIMIT_EXCEEDED', message);
  }

  /** Throws `CALLBACK_NOT_FOUND`. */
  async find(id: string): Promise<CallbackEndpoint> {
    const fields = await overRedis(() => this.#redis.hgetall(keys.endpoint(id)));
    return fields.id === undefined ? notFound(id) : callbackEndpointSchema.parse(fields);
  }

  /** Oldest first. */
  async list(): Promise<CallbackEndpoint[]> {
    const ids = await overRedis(() => this.#redis.zrange(keys.endpoints, '0', '-1'));
    const found = await Promise.all(ids.map((id) => overRedis(() => this.#redis.hgetall(keys.endpoint(id)))));
    return found.filter(({ id }) => id !== undefined).map((fields) => callbackEndpointSchema.parse(fields));
  }

  /** Throws `CALLBACK_NOT_FOUND`. */
  async forget(id: string): Promise<void> {
    if ((await runScript(this.#redis, forgetEndpoint, [keys.endpoint(id)], [id])) !== 1) notFound(id);
  }

  /** The new secret; the old one signs too for a day. Throws `CALLBACK_NOT_FOUND`. */
  async rotate(id: string): Promise<string> {
    const now = Date.now();
    const secret = newSigningSecret();
    const args = [now, this.#seal.seal(secret), now + rotationOverlap];
    const known = await runScript(this.#redis, rotateSecret, [keys.endpoint(id), keys.secrets(id)], args);
    return known === 1 ? secret : notFound(id);
  }

  /** What signs now, the newest first. Throws `SECRET_SEALED` if all was sealed with another key. */
  async secrets(id: string): Promise<string[]> {
    const { secrets, areSealed } = await this.#opened(id);
    if (!areSealed) return secrets;
    const remedy = 'set that one again, or rotate the secret';
    throw new DimgxError(
      'SECRET_SEALED',
      `the secret of endpoint ${id} was sealed with another DIMGX_SECRETS_KEY: ${remedy}`,
    );
  }

  /** The endpoints that nothing can be signed for, since their secrets were sealed with another key. */
  async sealed(): Promise<string[]> {
    const ids = await overRedis(() => this.#redis.zrange(keys.endpoints, '0', '-1'));
    const opened = await Promise.all(ids.map((id) => this.#opened(id)));
    return ids.filter((_id, index) => opened[index]?.areSealed);
  }

  async #opened(id: string): Promise<{ secrets: string[]; areSealed: boolean }> {
    const kept = await overRedis(() => this.#redis.zrevrangebyscore(keys.secrets(id), '+inf', Date.now()));
    const secrets = kept.flatMap((each) => this.#seal.open(each) ?? []);
    return { secrets, areSealed: secrets.length === 0 && kept.length > 0 };
  }

  /** Throws `CALLBACK_NOT_FOUND`. */
  async enable(id: string): Promise<CallbackEndpoint> {
    if (!(await this.#change(id, 'enabled', ''))) notFound(id);
    return this.find(id);
  }

  /** No effect if the endpoint is gone. */
  async disable(id: string): Promise<void> {
    await this.#change(id, 'disabled', rfc3339(Date.now()));
  }

  async #change(id: string, state: CallbackEndpoint['state'], disabledAt: string): Promise<boolean> {
    return (await runScript(this.#redis, changeEndpoint, [keys.endpoint(id)], [state, disabledAt])) === 1;
  }
}

function notFound(id: string): never {
  throw new DimgxError('CALLBACK_NOT_FOUND', `there is no callback endpoint ${id}, or not any more`);
}
