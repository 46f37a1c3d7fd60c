import { DimgxError } from '@dimgx/core';
import {
  type PushEvent,
  type PutTrigger,
  type Trigger,
  type TriggerLogLine,
  type TriggerRecord,
  type TriggerRequest,
  type Triggers,
  triggerSchema,
} from '@dimgx/queue';

const at = '2026-11-24T00:00:00.000Z';

/** Triggers in memory, and what their hooks brought. */
export class FakeTriggers implements Omit<Triggers, 'close'> {
  readonly accepted: { trigger: string; events: readonly PushEvent[] }[] = [];
  readonly ignored: { trigger: string; reasons: readonly string[] }[] = [];
  /** Those whose secret was sealed with another key. */
  readonly sealed = new Set<string>();
  readonly #records = new Map<string, TriggerRecord>();

  async put(id: string, request: TriggerRequest): Promise<PutTrigger> {
    const { secret: given, ...rest } = { secret: undefined, ...request };
    const isNew = !this.#records.has(id);
    const trigger = triggerSchema.parse({ ...rest, id, createdAt: at, updatedAt: at });
    this.#records.set(id, { trigger, secret: given ?? 'a-secret-that-was-made-up' });
    return { trigger, isNew, ...(isNew && given === undefined && { secret: 'a-secret-that-was-made-up' }) };
  }

  async find(id: string): Promise<{ trigger: Trigger; log: TriggerLogLine[] }> {
    const record = this.#records.get(id);
    if (record === undefined) throw new DimgxError('TRIGGER_NOT_FOUND', `there is no trigger ${id}`);
    return { trigger: record.trigger, log: [{ at, push: { repository: 'team/app', tag: '1' }, job: 'j' }] };
  }

  async record(id: string): Promise<TriggerRecord | undefined> {
    return this.sealed.has(id) ? undefined : this.#records.get(id);
  }

  async canCheckAll(): Promise<boolean> {
    return this.sealed.size === 0;
  }

  async list(): Promise<Trigger[]> {
    return [...this.#records.values()].map(({ trigger }) => trigger);
  }

  async forget(id: string): Promise<void> {
    await this.find(id);
    this.#records.delete(id);
  }

  async accept({ id }: Trigger, events: readonly PushEvent[]): Promise<number> {
    this.accepted.push({ trigger: id, events });
    return events.length;
  }

  async ignore(trigger: string, reasons: readonly string[]): Promise<void> {
    this.ignored.push({ trigger, reasons });
  }
}
