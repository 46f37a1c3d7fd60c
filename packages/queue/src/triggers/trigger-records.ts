import { randomBytes } from 'node:crypto';
import { DimgxError } from '@dimgx/core';
import { runScript } from '../lua/redis-script.ts';
import { overRedis } from '../redis-fault.ts';
import type { Redis } from '../redis-options.ts';
import { rfc3339 } from '../rfc3339.ts';
import type { SecretSeal } from '../secret-seal.ts';
import { forgetTrigger } from './lua/forget-trigger.ts';
import { putTrigger } from './lua/put-trigger.ts';
import {
  type Trigger,
  type TriggerLogLine,
  type TriggerRequest,
  triggerLogSchema,
  triggerSchema,
} from './trigger.ts';
import { triggerKeys as keys } from './trigger-keys.ts';

const maxTriggers = 1000;
const logKept = 50;
const secretBytes = 32;

export interface PutTrigger {
  readonly trigger: Trigger;
  readonly isNew: boolean;
  /** One that was made up: the only time that it is told. */
  readonly secret?: string;
}

/** A trigger with what only the receiver of its hook needs. */
export interface TriggerRecord {
  readonly trigger: Trigger;
  /** Undefined for senders that prove who they are by other means. */
  readonly secret: string | undefined;
}

/** The triggers, their secrets, and what became of their last pushes. Throws `REDIS_UNREACHABLE`. */
export class TriggerRecords {
  readonly #redis: Redis;
  readonly #seal: SecretSeal;

  constructor(redis: Redis, seal: SecretSeal) {
    this.#redis = redis;
    this.#seal = seal;
  }

  /** A secret that is not given stays as it was, or is made up. Throws `LIMIT_EXCEEDED`. */
  async put(id: string, request: TriggerRequest): Promise<PutTrigger> {
    const { secret: given, ...rest } = { secret: undefined, ...request };
    const now = Date.now();
    const before = await this.find(id);
    const times = { createdAt: before?.createdAt ?? rfc3339(now), updatedAt: rfc3339(now) };
    const trigger = triggerSchema.parse({ ...rest, id, ...times });
    const fresh = hasSecret(request) ? newSecret(request) : undefined;
    const outcome = await runScript(
      this.#redis,
      putTrigger,
      [keys.trigger(id), keys.triggers, keys.secret(id)],
      [id, now, JSON.stringify(trigger), this.#sealed(given), this.#sealed(fresh), maxTriggers],
    );
    if (outcome === 'full') {
      const message = `there are ${maxTriggers} triggers already: delete one that is not needed`;
      throw new DimgxError('LIMIT_EXCEEDED', message);
    }
    return {
      trigger,
      isNew: before === undefined,
      ...(outcome === 'told' && fresh !== undefined && { secret: fresh }),
    };
  }

  async find(id: string): Promise<Trigger | undefined> {
    const json = await overRedis(() => this.#redis.get(keys.trigger(id)));
    return json === null ? undefined : triggerOf(json);
  }

  /** Throws `SECRET_SEALED` if its secret was sealed with another key. */
  async findRecord(id: string): Promise<TriggerRecord | undefined> {
    const [json, kept] = await overRedis(() => this.#redis.mget(keys.trigger(id), keys.secret(id)));
    if (typeof json !== 'string') return undefined;
    if (typeof kept !== 'string') return { trigger: triggerOf(json), secret: undefined };
    const secret = this.#seal.open(kept);
    if (secret !== undefined) return { trigger: triggerOf(json), secret };
    const remedy = 'set that one again, or put the trigger with a new secret';
    throw new DimgxError(
      'SECRET_SEALED',
      `the secret of trigger ${id} was sealed with another DIMGX_SECRETS_KEY: ${remedy}`,
    );
  }

  /** The triggers whose secret was sealed with another key. */
  async sealed(): Promise<string[]> {
    const ids = await overRedis(() => this.#redis.zrange(keys.triggers, '0', '-1'));
    if (ids.length === 0) return [];
    const kept = await overRedis(() => this.#redis.mget(ids.map(keys.secret)));
    return ids.filter((_id, index) => {
      const secret = kept[index];
      return typeof secret === 'string' && this.#seal.open(secret) === undefined;
    });
  }

  /** Oldest first. */
  async list(): Promise<Trigger[]> {
    const ids = await overRedis(() => this.#redis.zrange(keys.triggers, '0', '-1'));
    if (ids.length === 0) return [];
    const found = await overRedis(() => this.#redis.mget(ids.map(keys.trigger)));
    return found.flatMap((json) => (json === null ? [] : [triggerOf(json)]));
  }

  /** Throws `TRIGGER_NOT_FOUND`. */
  async forget(id: string): Promise<void> {
    if ((await runScript(this.#redis, forgetTrigger, [keys.trigger(id)], [id])) !== 1) noTrigger(id);
  }

  async tell(id: string, lines: readonly TriggerLogLine[]): Promise<void> {
    const key = keys.log(id);
    const texts = lines.slice(-logKept).map((line) => JSON.stringify(line));
    await overRedis(() =>
      this.#redis
        .multi()
        .lpush(key, ...texts)
        .ltrim(key, 0, logKept - 1)
        .exec(),
    );
  }

  /** What became of the last pushes, newest first. */
  async log(id: string): Promise<TriggerLogLine[]> {
    const lines = await overRedis(() => this.#redis.lrange(keys.log(id), 0, -1));
    return lines.map((line) => triggerLogSchema.parse(JSON.parse(line)));
  }

  /** '' for none, as the script takes it. */
  #sealed(secret: string | undefined): string {
    return secret === undefined ? '' : this.#seal.seal(secret);
  }
}

function triggerOf(json: string): Trigger {
  return triggerSchema.parse(JSON.parse(json));
}

function hasSecret({ provider }: TriggerRequest): boolean {
  return provider !== 'ecr-sns' && provider !== 'google-artifact-registry';
}

/**
 * A generic sender may be a library of Standard Webhooks, which takes base64 behind a prefix. Hex is base64 too, and
 * stands in a URL and in a header as it is.
 */
function newSecret({ provider }: TriggerRequest): string {
  const random = randomBytes(secretBytes);
  return provider === 'generic' ? `whsec_${random.toString('hex')}` : random.toString('base64url');
}

export function noTrigger(id: string): never {
  throw new DimgxError('TRIGGER_NOT_FOUND', `there is no trigger ${id}`);
}
