import type { Readable } from 'node:stream';
import { z } from 'zod';
import { DimgxError } from '../errors.ts';
import { engineText } from './docker-daemon-errors.ts';
import type { PhaseProgress } from './phase-progress.ts';

const MAX_LINE = 1024 * 1024;
const MAX_PARTS = 10_000;

const lineSchema = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional() }).nullish(),
  error: z.string().optional(),
  errorDetail: z.object({ message: z.string().optional() }).nullish(),
});

/**
 * Reads an engine's report of a pull to its end; dockerode's own reading would let an error in it pass as success.
 * `what` names the image. Throws `IMAGE_NOT_FOUND`, `PLATFORM_NOT_FOUND` or `PULL_FAILED`.
 */
export async function followPull(report: Readable, what: string, progress: PhaseProgress): Promise<void> {
  const received = new Map<string, number>();
  let total = 0;
  for await (const line of linesOf(report)) {
    const parsed = lineSchema.safeParse(jsonOf(line));
    if (!parsed.success) continue;
    const { id, status, progressDetail, error, errorDetail } = parsed.data;
    const fault = errorDetail?.message ?? error;
    if (fault !== undefined) throw pullError(what, fault);
    if (status !== 'Downloading' || id === undefined || received.size > MAX_PARTS) continue;
    const bytes = progressDetail?.current ?? 0;
    total += bytes - (received.get(id) ?? 0);
    received.set(id, bytes);
    progress.bytes(total);
  }
  progress.done();
}

/** The coded error for what an engine said of a pull that failed. */
export function pullError(what: string, text: string, cause?: unknown): DimgxError {
  const said = engineText(text);
  if (
    /no matching manifest|does not match the specified platform|cannot be used on this platform/i.test(said)
  ) {
    return new DimgxError('PLATFORM_NOT_FOUND', `${what} is not there for that platform: ${said}`, { cause });
  }
  const absent = /manifest unknown|manifest for .* not found|pull access denied|name unknown|no such image/i;
  if (absent.test(said) || /repository .* not found|access to the resource is denied/i.test(said)) {
    return new DimgxError('IMAGE_NOT_FOUND', `the registry gives no ${what}: ${said}`, { cause });
  }
  return new DimgxError('PULL_FAILED', `${what} could not be pulled: ${said}`, { cause });
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const text of stream.setEncoding('utf8')) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE)
      throw new DimgxError('PULL_FAILED', 'the Docker engine reports without line breaks');
    yield* lines;
  }
  yield rest;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Blank lines and whatever else an engine may say in between.
    return undefined;
  }
}
