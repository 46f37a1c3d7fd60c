import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { DimgxError, type ErrorCode, toDimgxError } from '@dimgx/core';
import { logText, type RequestFault } from '@dimgx/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from './api.ts';
import { type Problem, problemMediaType, problemOf } from './problems.ts';
import { InvalidRequest } from './request-validator.ts';

/** Characters of a path. */
const longestShown = 100;
/** Of what is wrong with a request: in words, and as a list. A hostile one may have any number. */
const mostTold = 10;
const mostListed = 100;

/** Makes every answer that is not a success a problem document. */
export function answerFaults(app: Api): void {
  app.setErrorHandler((thrown, request, reply) => sendFault(thrown, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    const shown = path.length > longestShown ? `${path.slice(0, longestShown)}…` : path;
    const fault = new DimgxError('ROUTE_NOT_FOUND', `there is no ${shown}; /openapi.json lists the routes`);
    return sendFault(fault, request, reply);
  });
}

export function sendFault(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(problemOfThrown(thrown), request, reply, thrown);
}

/** `thrown` is what the log is told of a fault of the service. */
export function sendProblem(
  problem: Problem,
  request: FastifyRequest,
  reply: FastifyReply,
  thrown?: unknown,
): FastifyReply {
  if (problem.status >= 500) {
    const isOurs = problem.code === 'INTERNAL';
    request.log[isOurs ? 'error' : 'warn']({ err: thrown, code: problem.code }, 'request failed');
  }
  if (problem.status === 503) reply.header('retry-after', '1');
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(problem.status).type(problemMediaType).serializer(JSON.stringify).send(problem);
}

function problemOfThrown(thrown: unknown): Problem {
  if (thrown instanceof InvalidRequest) return problemOfItems(thrown.code, thrown.faults);
  return problemOf(frameworkFault(thrown) ?? toDimgxError(thrown));
}

/** The places of a request that are at fault; the detail says how many there are besides those that it tells. */
export function problemOfItems(code: ErrorCode, faults: readonly RequestFault[]): Problem {
  const lines = faults.slice(0, mostTold).map(faultLine);
  const untold = faults.length - lines.length;
  if (untold > 0) lines.push(`and ${untold} more`);
  return { ...problemOf(new DimgxError(code, lines.join('; '))), errors: faults.slice(0, mostListed) };
}

/** `image is missing`, but `layers.0: "top" is no layer spec`. */
function faultLine({ pointer, detail }: RequestFault): string {
  if (pointer === '') return detail;
  const place = logText(pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~'));
  return /^(is|must|has|means) /.test(detail) ? `${place} ${detail}` : `${place}: ${detail}`;
}

/** What the framework calls a request that it can't read, and what we say of it. */
const frameworkFaults: Record<string, readonly [ErrorCode, string]> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'MEDIA_TYPE_UNSUPPORTED',
    'the body must be JSON: send Content-Type: application/json',
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: ['BODY_TOO_LARGE', 'the body is larger than 1 MiB, or than 16 MiB for a batch'],
  FST_ERR_BAD_URL: ['REQUEST_INVALID', 'the path is no valid one'],
  FST_ERR_MAX_PARAM_LENGTH: ['REQUEST_INVALID', 'a name in the path is longer than any that there is'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['REQUEST_INVALID', 'the body is empty, and should be a JSON object'],
};

/** Undefined for what is not the request's fault. */
function frameworkFault(thrown: unknown): DimgxError | undefined {
  if (!(thrown instanceof Error) || thrown instanceof DimgxError || !('statusCode' in thrown))
    return undefined;
  const status = Number(thrown.statusCode);
  if (status < 400 || status >= 500) return undefined;
  const [code, message] = frameworkFaults['code' in thrown ? String(thrown.code) : ''] ?? [
    'REQUEST_INVALID',
    thrown.message,
  ];
  return new DimgxError(code, message, { cause: thrown });
}

const statusesOfParser: Record<string, number> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers what is not even HTTP, or comes too slowly, so that there is no request to answer to. */
export function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = statusesOfParser[error.code ?? ''] ?? 400;
  const title = STATUS_CODES[status] ?? '';
  const fault = new DimgxError('REQUEST_INVALID', 'the request is no valid HTTP, or too long in coming');
  const body = JSON.stringify({ ...problemOf(fault), status, title });
  socket.end(
    [
      `HTTP/1.1 ${status} ${title}`,
      'connection: close',
      `content-type: ${problemMediaType}`,
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
