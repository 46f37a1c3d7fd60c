import { type Problem, ServiceError } from './service-error.ts';

/** What stands before the service says these while it is restarted. */
const away: readonly number[] = [502, 503, 504];
/** To these dimgx says more. */
const strange: readonly number[] = [404, 405, 501];

/** The error that an answer other than a success tells, of whom was asked at `origin`. */
export async function refusal(response: Response, origin: string): Promise<ServiceError> {
  const { status, statusText } = response;
  const retryAfterMs = retryAfter(response.headers.get('retry-after'));
  const problem = problemIn(jsonOf(await response.text()));
  if (problem !== undefined) {
    return new ServiceError(problem.code, problem.detail, { status, problem, retryAfterMs });
  }
  if (strange.includes(status) && !response.redirected) {
    return notDimgx(origin, `it answers ${status} ${statusText}`.trimEnd(), status);
  }
  const code = away.includes(status) ? 'SERVICE_UNREACHABLE' : 'INTERNAL';
  return new ServiceError(code, `the service answered ${status} ${statusText}`.trimEnd(), {
    status,
    retryAfterMs,
  });
}

/** The error that something else than a service answers. */
export function notDimgx(origin: string, what: string, status: number): ServiceError {
  const message = `what answers at ${origin} is not dimgx: ${what}`;
  return new ServiceError('SERVICE_UNREACHABLE', message, { status });
}

/** Whether a service that was not reached is only away, as far as its answer tells, if there was one. */
export function isAway(status: number | undefined): boolean {
  return status === undefined || away.includes(status);
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
