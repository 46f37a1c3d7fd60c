import { z } from 'zod';
import { DimgxError } from '../errors.ts';
import { fillFromRegion } from '../image/file-region.ts';
import type { ArchiveFile } from './archive-file.ts';
import { engineText } from './docker-daemon-errors.ts';

const TAIL = 64 * 1024;
const START = '{"errorDetail":';

const faultSchema = z.object({ errorDetail: z.object({ message: z.string() }) });

/**
 * What went wrong with a save that had begun: the engine, which has sent its 200 by then, writes the error behind
 * the bytes of the archive. undefined if it wrote none.
 */
export function savedArchiveError(host: string, { fd, size }: ArchiveFile): DimgxError | undefined {
  const tail = Buffer.alloc(Math.min(size, TAIL));
  const region = { fd, offset: size - tail.length, size: tail.length };
  const text = tail.toString('utf8', 0, fillFromRegion(region, tail, 0));
  const start = text.lastIndexOf(START);
  const fault = start === -1 ? undefined : faultSchema.safeParse(jsonOf(text.slice(start)));
  if (!fault?.success) return undefined;
  const said = engineText(fault.data.errorDetail.message);
  return new DimgxError(
    'DOCKER_FAILED',
    `the Docker engine at ${host} failed while saving the image: ${said}`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Then these bytes are the archive's own.
    return undefined;
  }
}
