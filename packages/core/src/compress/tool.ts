import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { DimgxError, systemCode } from '../errors.ts';
import type { ByteSink } from './block-compressor.ts';
import { drained } from './drained.ts';

/** Formats that node has no codec for; the machine's tools of these names do it. */
export type ToolAlgorithm = 'xz' | 'bzip2';

type Tool = ChildProcessByStdio<Writable, Readable, Readable>;

/** The highest preset of xz takes 65 MiB; what asks for gigabytes is after our memory. */
const decompressArguments: Record<ToolAlgorithm, string[]> = {
  xz: ['--decompress', '--stdout', '--memlimit-decompress=512MiB'],
  bzip2: ['--decompress', '--stdout'],
};

/** One thread and no more: the bytes must not depend on the machine. */
const compressArguments: Record<ToolAlgorithm, (level: number) => string[]> = {
  xz: (level) => ['--compress', '--stdout', '--threads=1', '--check=crc64', `-${level}`],
  bzip2: (level) => ['--compress', '--stdout', `-${level}`],
};

/**
 * Pipes bytes through the machine's `xz` or `bzip2`. Throws `COMPRESSION_INVALID`, `COMPRESSION_UNSUPPORTED`, or
 * `INTERNAL` if something has killed it.
 */
export async function* toolDecompressed(
  algorithm: ToolAlgorithm,
  input: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const tool = start(algorithm, decompressArguments[algorithm]);
  const exit = exitOf(
    tool,
    `data of ${algorithm} is unpacked by the program of that name: install ${algorithm}`,
  );
  const feeding = feed(tool, input);
  // Each is awaited below, but may fail before that.
  for (const promise of [exit, feeding]) promise.catch(() => {});
  try {
    yield* tool.stdout;
    await feeding;
    await exit;
  } finally {
    tool.kill('SIGKILL');
    await Promise.allSettled([feeding, exit]);
  }
}

/** Compresses what is written and passes it on to a sink. Ended by `end`, or by `close` on any other path. */
export class ToolCompressor implements ByteSink {
  readonly #tool: Tool;
  readonly #exit: Promise<void>;
  readonly #output: Promise<void>;

  constructor(algorithm: ToolAlgorithm, level: number, sink: ByteSink) {
    this.#tool = start(algorithm, compressArguments[algorithm](level));
    const advice = `${algorithm} needs the program of that name: install ${algorithm}, or choose zstd or gzip`;
    this.#exit = exitOf(this.#tool, advice);
    this.#output = passOn(this.#tool.stdout, sink);
    for (const promise of [this.#exit, this.#output]) promise.catch(() => this.#tool.kill('SIGKILL'));
  }

  async write(bytes: Buffer): Promise<void> {
    // The pipe may still hold the bytes when the next block is filled into them.
    if (!this.#tool.stdin.write(Buffer.from(bytes))) await drained(this.#tool.stdin);
    if (this.#tool.stdin.destroyed) await Promise.all([this.#exit, this.#output]);
  }

  async end(): Promise<void> {
    this.#tool.stdin.end();
    await Promise.all([this.#exit, this.#output]);
  }

  async close(): Promise<void> {
    this.#tool.kill('SIGKILL');
    await Promise.allSettled([this.#exit, this.#output]);
  }
}

function start(algorithm: ToolAlgorithm, args: string[]): Tool {
  const tool = spawn(algorithm, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  // A tool that stops early breaks its pipe; its exit tells why.
  tool.stdin.on('error', () => {});
  return tool;
}

async function passOn(output: Readable, sink: ByteSink): Promise<void> {
  for await (const piece of output) await sink.write(piece as Buffer);
}

async function feed(tool: Tool, input: AsyncIterable<Buffer>): Promise<void> {
  for await (const piece of input) {
    if (tool.stdin.destroyed) return;
    if (!tool.stdin.write(piece)) await drained(tool.stdin);
  }
  tool.stdin.end();
}

/** Resolves when the tool ends well; else its own words, shortened, are the error's. `advice` is for one that is missing. */
async function exitOf(tool: Tool, advice: string): Promise<void> {
  let words = '';
  tool.stderr.on('data', (data: Buffer) => {
    if (words.length < 500) words += data.toString('utf8');
  });
  try {
    const [code, signal] = await once(tool, 'close');
    if (code === 0) return;
    const name = tool.spawnfile;
    // By whoever stops all processes at once, or a machine out of memory: that says nothing of the data.
    if (signal !== null)
      throw new DimgxError('INTERNAL', `${name} was ended by ${signal}; the same may succeed later`);
    const reason = words.trim().split('\n').at(-1) ?? '';
    throw new DimgxError('COMPRESSION_INVALID', `${name} failed (exit ${code}): ${reason.slice(0, 300)}`);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new DimgxError('COMPRESSION_UNSUPPORTED', advice, { cause: error });
  }
}
