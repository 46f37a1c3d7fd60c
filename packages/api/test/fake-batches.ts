import { DimgxError } from '@dimgx/core';
import type { Batch, BatchCancellation, Batches, BatchItem, BatchPage, BatchSubmission } from '@dimgx/queue';

export const batchId = '01234567-89ab-7cde-8f01-23456789ba7c';

export function batchOf(part: Partial<Batch> = {}): Batch {
  return {
    id: batchId,
    state: 'running',
    total: 1,
    duplicates: 0,
    counts: { queued: 1, active: 0, completed: 0, failed: 0, cancelled: 0 },
    createdAt: '2026-11-24T00:00:00.000Z',
    ...part,
  };
}

/** Batches in memory: what was submitted, and one that a test puts there. */
export class FakeBatches implements Omit<Batches, 'close'> {
  readonly submitted: { items: readonly BatchItem[]; submission: BatchSubmission }[] = [];
  readonly pages: { limit: number; before: string | undefined }[] = [];
  batch: Batch | undefined;

  async submit(
    items: readonly BatchItem[],
    submission: BatchSubmission = {},
  ): Promise<{ batch: Batch; isNew: boolean }> {
    this.submitted.push({ items, submission });
    const { duplicates = 0, callback } = submission;
    return { batch: batchOf({ total: items.length, duplicates, callback }), isNew: true };
  }

  async find(id: string): Promise<Batch> {
    if (this.batch?.id === id) return this.batch;
    throw new DimgxError('BATCH_NOT_FOUND', `there is no batch ${id}`);
  }

  async list(limit: number, before?: string): Promise<BatchPage> {
    this.pages.push({ limit, before });
    return { batches: this.batch === undefined ? [] : [this.batch], next: batchId };
  }

  async cancel(id: string): Promise<BatchCancellation> {
    const batch = await this.find(id);
    if (batch.state === 'finished')
      throw new DimgxError('BATCH_FINISHED', `batch ${id} has finished already`);
    this.batch = { ...batch, state: 'cancelled' };
    return { batch: this.batch, isNew: batch.state === 'running' };
  }

  async retry(id: string, { idempotency }: BatchSubmission = {}): Promise<Batch> {
    const { finishedAt } = await this.find(id);
    if (finishedAt === undefined) throw new DimgxError('BATCH_NOT_FINISHED', `batch ${id} runs`);
    return (await this.submit([], { retryOf: id, idempotency })).batch;
  }
}
