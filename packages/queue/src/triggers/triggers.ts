import { DimgxError, toDimgxError } from '@dimgx/core';
import type { Logger } from 'pino';
import { idempotencyOf } from '../idempotency.ts';
import type { JobQueue } from '../job-queue.ts';
import type { JobRequest } from '../job-request.ts';
import type { RedisSettings } from '../redis-address.ts';
import { connectRedis } from '../redis-connection.ts';
import type { Redis } from '../redis-options.ts';
import { repeat } from '../repeated.ts';
import { rfc3339 } from '../rfc3339.ts';
import { SecretSeal } from '../secret-seal.ts';
import { imageOf } from './image-template.ts';
import type { Push, PushEvent } from './push.ts';
import { type ClaimedPush, type Debounce, defaultDebounce, eventMemory, PendingPushes } from './pushes.ts';
import { matches, type Trigger, type TriggerLogLine, type TriggerRequest } from './trigger.ts';
import { noTrigger, type PutTrigger, type TriggerRecord, TriggerRecords } from './trigger-records.ts';

export interface TriggerSettings {
  readonly redis: RedisSettings;
  /** With which secrets are sealed in Redis; without it they are kept as they are. */
  readonly secretsKey?: string | undefined;
  readonly queue: Pick<JobQueue, 'submit'>;
  readonly debounce?: Debounce;
  /** Milliseconds between two looks at what is due. */
  readonly interval?: number;
  readonly log: Logger;
}

const defaultInterval = 500;
const madeAtOnce = 8;
/** Milliseconds for which it is known whether all secrets can be opened. */
const sealsKnownFor = 10_000;

const unknownSeals = { at: Number.NEGATIVE_INFINITY, sealed: Promise.resolve<string[]>([]) };

/** A sender's clock may be ahead by so much. Milliseconds. */
const clockSkew = 5 * 60 * 1000;

/** Jobs by a registry's webhooks: which pushes want one, and the making of it. Throws `REDIS_UNREACHABLE`. */
export class Triggers {
  readonly #records: TriggerRecords;
  readonly #pushes: PendingPushes;
  readonly #queue: Pick<JobQueue, 'submit'>;
  readonly #log: Logger;
  readonly #close: () => Promise<void>;
  #seals = unknownSeals;

  /** Makes jobs from now on. Throws `REDIS_UNREACHABLE` or `CONFIG_INVALID`. The caller closes it. */
  static async start(settings: TriggerSettings): Promise<Triggers> {
    const { log } = settings;
    const redis = await connectRedis(settings.redis, 'producer', (err) =>
      log.warn({ err }, 'redis connection'),
    );
    return new Triggers(redis, settings);
  }

  private constructor(redis: Redis, settings: TriggerSettings) {
    const { secretsKey, queue, debounce = defaultDebounce, interval = defaultInterval, log } = settings;
    this.#records = new TriggerRecords(redis, new SecretSeal(secretsKey));
    this.#pushes = new PendingPushes(redis, debounce);
    this.#queue = queue;
    this.#log = log;
    const onFault = (error: unknown) => log.warn({ err: error }, 'no triggers for now');
    const making = repeat(interval, () => this.#makeJobs(), onFault);
    this.#close = async () => {
      await making.end();
      redis.disconnect();
    };
  }

  /** A secret that is not given stays as it was, or is made up. Throws `LIMIT_EXCEEDED`. */
  put(id: string, request: TriggerRequest): Promise<PutTrigger> {
    this.#seals = unknownSeals;
    return this.#records.put(id, request);
  }

  /** Throws `TRIGGER_NOT_FOUND`. */
  async find(id: string): Promise<{ trigger: Trigger; log: TriggerLogLine[] }> {
    const [trigger, log] = await Promise.all([this.#records.find(id), this.#records.log(id)]);
    return trigger === undefined ? noTrigger(id) : { trigger, log };
  }

  /** For whoever receives its hook. One whose secret was sealed with another key is told in the log, and not given. */
  async record(id: string): Promise<TriggerRecord | undefined> {
    try {
      return await this.#records.findRecord(id);
    } catch (thrown) {
      if (!(thrown instanceof DimgxError) || thrown.code !== 'SECRET_SEALED') throw thrown;
      this.#log.error({ trigger: id, err: thrown }, 'a hook was refused');
      this.#seals = { at: Date.now(), sealed: Promise.resolve([id]) };
      return undefined;
    }
  }

  /** Whether every hook can be checked; if not, one that is refused may be a good one. Up to ten seconds old. */
  async canCheckAll(): Promise<boolean> {
    const now = Date.now();
    if (now - this.#seals.at > sealsKnownFor) {
      this.#seals = { at: now, sealed: this.#records.sealed() };
      // A fault is that of whoever asks, each time.
      this.#seals.sealed.catch(() => {
        this.#seals = unknownSeals;
      });
    }
    return (await this.#seals.sealed).length === 0;
  }

  /** Oldest first. */
  list(): Promise<Trigger[]> {
    return this.#records.list();
  }

  /** Throws `TRIGGER_NOT_FOUND`. */
  forget(id: string): Promise<void> {
    return this.#records.forget(id);
  }

  /**
   * Notes the pushes that the trigger is for; gives how many want a job. Those that were told before are not counted.
   * `trace` is that of who tells them, which their jobs continue.
   */
  async accept(trigger: Trigger, events: readonly PushEvent[], trace?: string): Promise<number> {
    const now = Date.now();
    const judged = events.map((event) => ({ event, ignored: whyIgnored(trigger, event, now) }));
    const at = rfc3339(now);
    const lines = judged.flatMap(({ event, ignored }) =>
      ignored === undefined ? [] : [{ at, push: event.push, ignored }],
    );
    if (lines.length > 0) await this.#records.tell(trigger.id, lines);
    const wanted = judged.filter(({ ignored }) => ignored === undefined).map(({ event }) => event);
    return wanted.length === 0 ? 0 : this.#pushes.note(trigger.id, wanted, trace);
  }

  /** Notes why something that was sent is no push, each reason once. */
  async ignore(id: string, reasons: readonly string[]): Promise<void> {
    const at = rfc3339(Date.now());
    const lines = [...new Set(reasons)].map((ignored) => ({ at, ignored }));
    if (lines.length > 0) await this.#records.tell(id, lines);
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** Makes the jobs of all pushes whose tag has been quiet for long enough. */
  async #makeJobs(): Promise<void> {
    const makers = Array.from({ length: madeAtOnce }, () => this.#makeWhatIsDue());
    const ends = await Promise.allSettled(makers);
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #makeWhatIsDue(): Promise<void> {
    for (;;) {
      const claimed = await this.#pushes.claim();
      if (claimed === undefined) return;
      await this.#makeJob(claimed);
      await this.#pushes.settle(claimed);
    }
  }

  async #makeJob({ trigger: id, push, text, trace }: ClaimedPush): Promise<void> {
    const trigger = await this.#records.find(id);
    if (trigger === undefined) return;
    try {
      const request = jobRequest(trigger, push);
      // Should this process die before the push is settled, the next one gets the same job.
      const idempotency = idempotencyOf(`trigger ${id}`, text, request);
      const job = await this.#queue.submit(request, { idempotency, trace, origin: { trigger: id } });
      this.#log.info({ trigger: id, job: job.id, image: request.image }, 'job accepted');
      await this.#tell(id, push, { job: job.id });
    } catch (thrown) {
      const fault = toDimgxError(thrown);
      if (fault.code === 'REDIS_UNREACHABLE') throw fault;
      this.#log.warn({ trigger: id, err: fault }, 'no job for a push');
      const ignored =
        fault.code === 'INTERNAL' ? 'a fault of the service; its log has the details' : fault.message;
      await this.#tell(id, push, { ignored });
    }
  }

  #tell(id: string, push: Push, outcome: Pick<TriggerLogLine, 'job' | 'ignored'>): Promise<void> {
    return this.#records.tell(id, [{ at: rfc3339(Date.now()), push, ...outcome }]);
  }
}

function whyIgnored(trigger: Trigger, { push, at = Number.NaN }: PushEvent, now: number): string | undefined {
  if (now - at > eventMemory) return 'it was pushed more than a day ago';
  if (at - now > clockSkew) return 'it says that it was pushed in the future';
  return matches(trigger, push) ? undefined : 'the trigger is not for this repository and tag';
}

/** What is there already under the same tag is an older one. */
function jobRequest({ job }: Trigger, push: Push): JobRequest {
  return { ...job, image: imageOf(job.image, push), pull: job.pull ?? 'always' };
}

/** The request of a push that tells all, to try a trigger's job before there is one. Throws `REFERENCE_INVALID`. */
export function exampleRequest(job: JobRequest): JobRequest {
  const push = { registry: 'registry.example', repository: 'team/app', tag: 'latest', digest: exampleDigest };
  return { ...job, image: imageOf(job.image, push) };
}

const exampleDigest = `sha256:${'0'.repeat(64)}`;
