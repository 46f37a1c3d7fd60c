import { z } from 'zod';
import { DimgxError, systemCode } from '../errors.ts';

/** What dockerode and `fetchBody` throw where the engine answered with an error. */
interface Answer {
  readonly status: number;
  /** The engine's own words, on one line. */
  readonly text: string;
}

export function answerOf(error: unknown): Answer | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number')
    return undefined;
  return {
    status: error.statusCode,
    text: engineText(messageIn(error.message.replace(/^\(HTTP code \d+\) .*? - /s, ''))),
  };
}

const bodySchema = z.object({ message: z.string() });

/** dockerode has taken the words out of the body. */
function messageIn(text: string): string {
  try {
    return bodySchema.parse(JSON.parse(text)).message;
  } catch {
    return text;
  }
}

/** Bounded, and on one line. */
export function engineText(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 500);
}

/** Codes of a connection that stood and broke. */
const broken = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

/** The coded error for whatever a request to the engine at `host` threw; `doing` completes "while …". */
export function dockerError(host: string, doing: string, error: unknown): DimgxError {
  if (error instanceof DimgxError) return error;
  const answer = answerOf(error);
  const failed = (text: string): DimgxError =>
    new DimgxError('DOCKER_FAILED', `the Docker engine at ${host} failed while ${doing}: ${text}`, {
      cause: error,
    });
  if (answer !== undefined) return failed(answer.text);
  const code = systemCode(error);
  if (code !== undefined && broken.has(code)) return failed('it closed the connection');
  return new DimgxError('DOCKER_UNREACHABLE', unreachable(host, code, error), { cause: error });
}

function unreachable(host: string, code: string | undefined, error: unknown): string {
  switch (code) {
    case 'ENOENT':
      return `no Docker engine answers at ${host}: there is no such socket; start Docker or set DOCKER_HOST`;
    case 'EACCES':
      return `permission denied on the Docker socket ${host}: run as root or as a member of its group (docker)`;
    case 'ECONNREFUSED':
      return `no Docker engine answers at ${host}: the connection is refused; start Docker or set DOCKER_HOST`;
    default: {
      const reason = error instanceof Error ? engineText(error.message) : 'unknown fault';
      return `no Docker engine answers at ${host}: ${code ?? reason}; check DOCKER_HOST`;
    }
  }
}
