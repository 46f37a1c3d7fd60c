import type { BlockCompressor, ByteSink } from './block-compressor.ts';

interface Slot {
  readonly lane: number;
  readonly block: Buffer;
  busy: boolean;
}

/**
 * Runs blocks through a compressor's lanes and writes what comes out in the order of the blocks. One slot more
 * than lanes, so that a block can be filled while all lanes work; a slot is free again when its output is written,
 * which bounds memory and is the back pressure of the sink. Slots are made when they are needed: little data needs one.
 */
export class BlockPipeline {
  readonly first: Buffer;
  readonly #compressor: BlockCompressor;
  readonly #sink: ByteSink;
  readonly #slots: Slot[] = [];
  #written: Promise<void> = Promise.resolve();
  #failure: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(compressor: BlockCompressor, sink: ByteSink) {
    this.#compressor = compressor;
    this.#sink = sink;
    this.first = this.#newSlot().block;
    this.#enqueue(Promise.resolve([compressor.prologue()]), undefined);
  }

  get blockSize(): number {
    return this.#compressor.blockSize;
  }

  /** Takes `length` bytes of a block of this pipeline; resolves to a free one. Throws what any block met. */
  async exchange(block: Buffer, length: number): Promise<Buffer> {
    const slot = this.#slots.find((candidate) => candidate.block === block);
    if (slot === undefined) throw new Error('the block is not of this pipeline');
    slot.busy = true;
    this.#enqueue(this.#compressor.compress(block.subarray(0, length), slot.lane), slot);
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.reason;
      const free = this.#slots.find((candidate) => !candidate.busy);
      if (free !== undefined) return free.block;
      if (this.#slots.length <= this.#compressor.lanes) return this.#newSlot().block;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Waits until all is written. */
  async end(): Promise<void> {
    this.#enqueue(
      this.#written.then(() => [this.#compressor.epilogue()]),
      undefined,
    );
    await this.#written;
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  #newSlot(): Slot {
    const block = Buffer.allocUnsafeSlow(this.#compressor.blockSize);
    const slot = { lane: this.#slots.length, block, busy: false };
    this.#slots.push(slot);
    return slot;
  }

  #enqueue(output: Promise<readonly Buffer[]>, slot: Slot | undefined): void {
    const before = this.#written;
    this.#written = this.#write(output, before).then(
      () => this.#release(slot),
      (reason: unknown) => {
        this.#failure ??= { reason };
        this.#release(slot);
      },
    );
  }

  async #write(output: Promise<readonly Buffer[]>, before: Promise<void>): Promise<void> {
    const [pieces] = await Promise.all([output, before]);
    if (this.#failure !== undefined) return;
    for (const piece of pieces) if (piece.length > 0) await this.#sink.write(piece);
  }

  #release(slot: Slot | undefined): void {
    if (slot !== undefined) slot.busy = false;
    this.#wake?.();
    this.#wake = undefined;
  }
}
