import { type Problem, ServiceError } from './service-error.ts';

/** What stands before the service says these while it is restarted. */
const away: readonly number[] = [502, 503, 504];

/** The error that an answer other than a success tells. */
export async function refusal(response: Response): Promise<ServiceError> {
  const { status, statusText } = response;
  const retryAfterMs = retryAfter(response.headers.get('retry-after'));
  const problem = problemIn(jsonOf(await response.text()));
  if (problem !== undefined) {
    return new ServiceError(problem.code, problem.detail, { status, problem, retryAfterMs });
  }
  const code = away.includes(status) ? 'SERVICE_UNREACHABLE' : 'INTERNAL';
  return new ServiceError(code, `the service answered ${status} ${statusText}`.trimEnd(), {
    status,
    retryAfterMs,
  });
}

function problemIn(body: unknown): Problem | undefined {
  if (typeof body !== 'object' || body === null || !('code' in body) || !('detail' in body)) return undefined;
  return typeof body.code === 'string' && typeof body.detail === 'string' ? (body as Problem) : undefined;
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function retryAfter(text: string | null): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** Undefined if it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
