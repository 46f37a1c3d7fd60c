import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { DimgxError, type ErrorCode, toDimgxError } from '@dimgx/core';
import { z } from 'zod';
import { callbackSchema } from '../callbacks/callback-request.ts';
import { type JobRequest, jobRequestSchema, requestedCompression } from '../job-request.ts';
import { plainWords } from '../plain-words.ts';
import { type RequestFault, requestFaults } from '../request-faults.ts';
import { type Batch, batchTemplateSchema, maxBatchJobs } from './batch.ts';

/** What is wrong with a part of a batch, such as `/images/17`. */
export interface BatchFault extends RequestFault {
  readonly code: ErrorCode;
}

/** The jobs that a batch asks for, each once. */
export interface BatchInput {
  readonly requests: readonly JobRequest[];
  /** Items that asked for the same as another one. */
  readonly duplicates: number;
  readonly callback: Batch['callback'];
}

/** Whether an image may be used. Gives what is the same for each way to name it; throws the fault of an item. */
export type AdmitImage = (image: string) => Promise<object>;

/** As many faults are told at the most. */
const mostFaults = 20;
/** So many items, then others get their turn: a large batch takes a while. */
const itemsAtOnce = 100;
/** Of all requests together, as JSON: a large template would otherwise be kept ten thousand times. */
const mostBytes = 64 * 1024 * 1024;

const list = z.array(z.unknown()).min(1).max(maxBatchJobs);
const callback = callbackSchema.optional();
const outlineSchema = z
  .strictObject({
    jobs: list.optional(),
    images: list.optional(),
    template: batchTemplateSchema.optional(),
    callback,
  })
  .refine(({ jobs, images }) => (jobs === undefined) !== (images === undefined), {
    message: 'must have either jobs or images',
  })
  .refine(({ jobs, template }) => jobs === undefined || template === undefined, {
    path: ['template'],
    message: 'goes with images alone: jobs say all by themselves',
  });

/**
 * Reads the body of `POST /v1/batches` item by item, while others get their turn. Gives the jobs, or what is wrong with
 * which items. Throws `LIMIT_EXCEEDED`.
 */
export async function readBatch(
  body: unknown,
  admitImage: AdmitImage,
): Promise<BatchInput | readonly BatchFault[]> {
  const outline = outlineSchema.safeParse(body, plainly);
  if (!outline.success) return faultsOf(outline.error, '');
  const { jobs, images, template, callback } = outline.data;
  const common = templateOf(template);
  if (Array.isArray(common)) return common;
  const read = (item: unknown, at: number) =>
    images === undefined
      ? parsed(jobRequestSchema.safeParse(item, plainly), `/jobs/${at}`)
      : parsed(jobRequestSchema.safeParse({ ...common, image: item }, plainly), `/images/${at}`, imagePath);
  const reader = new ItemReader(admitImage);
  for (const [at, item] of (images ?? jobs ?? []).entries()) {
    if (at % itemsAtOnce === 0) await breathe();
    await reader.take(read(item, at));
    if (reader.faults.length >= mostFaults) break;
  }
  const { faults, requests, duplicates } = reader;
  return faults.length > 0 ? faults.slice(0, mostFaults) : { requests, duplicates, callback };
}

interface ReadItem {
  readonly pointer: string;
  readonly outcome: JobRequest | readonly BatchFault[];
}

class ItemReader {
  readonly faults: BatchFault[] = [];
  readonly requests: JobRequest[] = [];
  duplicates = 0;
  readonly #admitImage: AdmitImage;
  readonly #known = new Set<string>();
  /** Where each destination was first asked for, and whether that was told as a fault. */
  readonly #places = new Map<string, { readonly pointer: string; told: boolean }>();
  #bytes = 0;

  constructor(admitImage: AdmitImage) {
    this.#admitImage = admitImage;
  }

  async take({ pointer, outcome }: ReadItem): Promise<void> {
    if (isFaulty(outcome)) return void this.faults.push(...outcome);
    try {
      const reference = await this.#admitImage(outcome.image);
      const text = JSON.stringify({ ...spelledOut(outcome), image: reference });
      const digest = createHash('sha256').update(text).digest('base64');
      if (this.#known.has(digest)) {
        this.duplicates += 1;
        return;
      }
      this.#known.add(digest);
      this.#add(outcome, Buffer.byteLength(text), pointer);
    } catch (thrown) {
      const { code, message } = toDimgxError(thrown);
      if (code === 'INTERNAL' || code === 'LIMIT_EXCEEDED') throw thrown;
      this.faults.push({ code, pointer, detail: message });
    }
  }

  #add(request: JobRequest, bytes: number, pointer: string): void {
    this.#bytes += bytes;
    if (this.#bytes > mostBytes) {
      const message = `the jobs of the batch are more than ${mostBytes} bytes of JSON: make several batches of it`;
      throw new DimgxError('LIMIT_EXCEEDED', message);
    }
    const place = request.destination?.key;
    if (place === undefined || this.#isOwn(place, `${pointer}/destination/key`)) this.requests.push(request);
  }

  /** Of those that clash each is told, so that whoever asked can tell which they are. */
  #isOwn(place: string, pointer: string): boolean {
    const other = this.#places.get(place);
    if (other === undefined) {
      this.#places.set(place, { pointer, told: false });
      return true;
    }
    const detail = 'must be its own: another job of the batch has it too';
    const untold = other.told ? [pointer] : [other.pointer, pointer];
    other.told = true;
    this.faults.push(...untold.map((each) => ({ code: 'REQUEST_INVALID' as const, pointer: each, detail })));
    return false;
  }
}

/** With what goes without saying, so that the same work is the same text. */
function spelledOut(request: JobRequest): object {
  const { pull = 'missing', force = false, destination = {}, compression: _, ...others } = request;
  // Means nothing to an inspect job, and is the same for all of them.
  const compression = requestedCompression(request);
  return { ...others, pull, force, destination, compression };
}

const plainly = { error: plainWords };

/** What is wrong with an image is wrong with the item itself. */
const imagePath = '/image';

function templateOf(template: z.output<typeof batchTemplateSchema> | undefined): object | BatchFault[] {
  // Whether its fields go together, whatever the image.
  const tried = jobRequestSchema.safeParse({ ...template, image: 'docker-daemon:any' }, plainly);
  return tried.success ? { ...template } : faultsOf(tried.error, '/template');
}

function parsed(
  result: ReturnType<typeof jobRequestSchema.safeParse>,
  pointer: string,
  own?: string,
): ReadItem {
  if (result.success) return { pointer, outcome: result.data };
  const faults = faultsOf(result.error, pointer);
  const outcome = faults.map((fault) =>
    own !== undefined && fault.pointer === `${pointer}${own}` ? { ...fault, pointer } : fault,
  );
  return { pointer, outcome };
}

function faultsOf(error: z.ZodError, pointer: string): BatchFault[] {
  return requestFaults(error, pointer).map((fault) => ({ code: 'REQUEST_INVALID', ...fault }));
}

function isFaulty(outcome: ReadItem['outcome']): outcome is readonly BatchFault[] {
  return Array.isArray(outcome);
}
