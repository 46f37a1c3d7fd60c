import { DimgxError } from '@dimgx/core';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiFixture, apiFixture, jobOf, knownId } from './api-fixture.ts';

const json = { 'content-type': 'application/json' };
const image = 'docker-daemon:debian:12';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture({ fileSources: ['/srv/images'] });
});
beforeEach(() => {
  fixture.queue.fault = undefined;
  fixture.queue.submitted.length = 0;
});
afterAll(() => fixture.close());

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { pointer: string; detail: string }[];
}

/** Sends a request that is refused; gives the problem, once it is seen to be one. */
async function refusal(request: InjectOptions): Promise<Answer> {
  const response = await fixture.app.inject(request);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  const problem = response.json<Answer>();
  expect(problem.status).toBe(response.statusCode);
  return problem;
}

const post = (payload: unknown, headers: object = json): InjectOptions => ({
  method: 'POST',
  url: '/v1/jobs',
  headers: { ...headers },
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
});

describe('a good request', () => {
  test('is accepted, and told where to follow it', async () => {
    const response = await fixture.app.inject(post({ image, labels: { a: 'b' } }));
    expect(response.statusCode).toBe(202);
    expect(response.headers.location).toBe(`/v1/jobs/${knownId}`);
    expect(response.json()).toEqual(jobOf({ request: fixture.queue.submitted[0]?.request }));
    expect(fixture.queue.submitted).toEqual([
      {
        request: { image, kind: 'flatten', pool: 'default', priority: 'normal', labels: { a: 'b' } },
        idempotency: undefined,
      },
    ]);
  });

  test('may name a file below an allowed folder, even if only workers see it', async () => {
    const response = await fixture.app.inject(post({ image: 'docker-archive:/srv/images/a.tar' }));
    expect(response.statusCode).toBe(202);
  });

  test('may carry an idempotency key', async () => {
    const response = await fixture.app.inject(post({ image }, { ...json, 'idempotency-key': 'k-1' }));
    expect(response.statusCode).toBe(202);
    expect(fixture.queue.submitted[0]?.idempotency?.owner).toMatch(/^[0-9a-f]{64}$/);
  });
});

const pathed = (url: string, method: 'GET' | 'PUT' | 'DELETE' = 'GET'): InjectOptions => ({ method, url });

const rows: [situation: string, request: InjectOptions, status: number, code: string, detail: RegExp][] = [
  ['no body', { method: 'POST', url: '/v1/jobs' }, 400, 'REQUEST_INVALID', /object/],
  ['an empty body', post('', json), 400, 'REQUEST_INVALID', /empty/],
  [
    'a body that is not JSON',
    post('{"image":', json),
    400,
    'REQUEST_INVALID',
    /^the body is no valid JSON: .*end/,
  ],
  [
    'a body that ceases to be JSON in the midst',
    post('{"image": "a",\n oops}', json),
    400,
    'REQUEST_INVALID',
    /^the body is no valid JSON: .*line 2 column 2/,
  ],
  ['a body that is a list', post([]), 400, 'REQUEST_INVALID', /object/],
  [
    'a body that poisons prototypes',
    post('{"image":"a","__proto__":{"x":1}}'),
    400,
    'REQUEST_INVALID',
    /^the body has a field __proto__ or constructor\.prototype/,
  ],
  [
    'one that does so by another way',
    post('{"image":"a","labels":{"constructor":{"prototype":1}}}'),
    400,
    'REQUEST_INVALID',
    /^the body has a field __proto__ or constructor\.prototype/,
  ],
  [
    'a body of another type',
    post('image=a', { 'content-type': 'application/x-www-form-urlencoded' }),
    415,
    'MEDIA_TYPE_UNSUPPORTED',
    /application\/json/,
  ],
  [
    'plain text, as any page may send it',
    post('{"image":"a"}', { 'content-type': 'text/plain' }),
    415,
    'MEDIA_TYPE_UNSUPPORTED',
    /application\/json/,
  ],
  [
    'a compressed body',
    post('{"image":"a"}', { ...json, 'content-encoding': 'gzip' }),
    415,
    'MEDIA_TYPE_UNSUPPORTED',
    /without Content-Encoding/,
  ],
  ['more than 1 MiB', post({ image, labels: { a: 'x'.repeat(1 << 20) } }), 413, 'BODY_TOO_LARGE', /1 MiB/],
  ['a path without end', pathed(`/${'a'.repeat(7000)}`), 404, 'ROUTE_NOT_FOUND', /^there is no \/a{99}…; /],
  [
    'an id without end',
    pathed(`/v1/jobs/${'a'.repeat(7000)}`),
    400,
    'REQUEST_INVALID',
    /^a name in the path is longer than any that there is$/,
  ],
  [
    'a path that is badly escaped',
    pathed('/v1/jobs/%zz'),
    400,
    'REQUEST_INVALID',
    /^the path is no valid one$/,
  ],
  ['an unknown field', post({ image, colour: 'red' }), 400, 'REQUEST_INVALID', /^colour is no field/],
  ['no image', post({}), 400, 'REQUEST_INVALID', /^image is missing$/],
  [
    'an empty pattern',
    post({ image, include: [''] }),
    400,
    'REQUEST_INVALID',
    /^include\.0 must not be empty$/,
  ],
  [
    'a bracket that nothing closes',
    post({ image, include: ['usr', 'etc/{a,b'] }),
    400,
    'REQUEST_INVALID',
    /^include\.1 has brackets that do not pair; \\\[ is the character itself$/,
  ],
  [
    'two faults at once',
    post({ kind: 'x' }),
    400,
    'REQUEST_INVALID',
    /^image is missing; kind must be flatten or inspect$/,
  ],
  [
    'a level off the scale',
    post({ image, compression: { algorithm: 'gzip', level: 99 } }),
    400,
    'REQUEST_INVALID',
    /compression\.level: .*1 to 9/,
  ],
  [
    'an image reference that is none',
    post({ image: 'docker-daemon:UPPER' }),
    400,
    'REFERENCE_INVALID',
    /UPPER/,
  ],
  [
    'a file outside the allowed folders',
    post({ image: 'docker-archive:/etc/shadow' }),
    403,
    'SOURCE_REFUSED',
    /\/etc\/shadow/,
  ],
  [
    'a file that climbs out of an allowed folder',
    post({ image: 'docker-archive:/srv/images/../x.tar' }),
    403,
    'SOURCE_REFUSED',
    /x\.tar/,
  ],
  ['a folder beside an allowed one', post({ image: 'oci:/srv/images2' }), 403, 'SOURCE_REFUSED', /images2/],
  [
    'a file by a relative path',
    post({ image: 'docker-archive:srv/images/a.tar' }),
    403,
    'SOURCE_REFUSED',
    /absolute/,
  ],
  [
    'an image of a registry, which no worker reads itself',
    post({ image: 'docker://ghcr.io/team/app:1' }),
    400,
    'SOURCE_UNSUPPORTED',
    /name it docker-daemon:ghcr\.io\/team\/app:1/,
  ],
  ['an archive on standard input', post({ image: '-' }), 403, 'SOURCE_REFUSED', /standard input/],
  [
    'an empty idempotency key',
    post({ image }, { ...json, 'idempotency-key': '' }),
    400,
    'REQUEST_INVALID',
    /idempotency-key/,
  ],
  [
    'an idempotency key of 256 characters',
    post({ image }, { ...json, 'idempotency-key': 'k'.repeat(256) }),
    400,
    'REQUEST_INVALID',
    /idempotency-key/,
  ],
  [
    'an unknown job',
    pathed('/v1/jobs/01234567-89ab-7cde-8f01-000000000000'),
    404,
    'JOB_NOT_FOUND',
    /no job 01234567/,
  ],
  ['an id that is none', pathed('/v1/jobs/5'), 404, 'JOB_NOT_FOUND', /"5"/],
  ['an id with a path in it', pathed('/v1/jobs/..%2f..%2fetc'), 404, 'JOB_NOT_FOUND', /no job's id/],
  [
    'to cancel an unknown job',
    pathed('/v1/jobs/01234567-89ab-7cde-8f01-000000000000', 'DELETE'),
    404,
    'JOB_NOT_FOUND',
    /no job 01234567/,
  ],
  ['to cancel an id that is none', pathed('/v1/jobs/5', 'DELETE'), 404, 'JOB_NOT_FOUND', /"5"/],
  ['the artifact of an unknown job', pathed('/v1/jobs/5/artifact'), 404, 'JOB_NOT_FOUND', /"5"/],
  ['an unknown path', pathed('/v2/jobs?x=1'), 404, 'ROUTE_NOT_FOUND', /no \/v2\/jobs;/],
  [
    'a path that is not well encoded',
    pathed('/v1/jobs/%zz'),
    400,
    'REQUEST_INVALID',
    /^the path is no valid one$/,
  ],
  ['another method', pathed('/v1/jobs', 'DELETE'), 405, 'METHOD_NOT_ALLOWED', /POST/],
];

describe('refused', () => {
  test.each(rows)('%s', async (_situation, request, status, code, detail) => {
    const problem = await refusal(request);
    expect(problem).toMatchObject({ status, code, detail: expect.stringMatching(detail) });
    expect(problem.detail).not.toContain('\n');
    expect(fixture.queue.submitted).toEqual([]);
  });

  test('each field at fault is pointed at', async () => {
    const { errors } = await refusal(
      post({ image, compression: { algorithm: 'gzip', level: 99 }, colour: 1 }),
    );
    expect(errors).toEqual([
      { pointer: '/compression/level', detail: 'the levels of gzip are 1 to 9' },
      { pointer: '/colour', detail: 'is no field that is known here' },
    ]);
  });

  test('the detail tells how many faults there are besides those that it tells', async () => {
    const fields = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`x${at}`, 1]));
    const { detail, errors } = await refusal(post({ image, ...fields }));
    expect(detail).toMatch(/^x0 is no field that is known here; x1 .*; x9 [^;]*; and 190 more$/);
    expect(errors).toHaveLength(100);
    const six = await refusal(post({ image, a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }));
    expect(six.detail).toMatch(/; f is no field that is known here$/);
  });

  test('the name of an unknown field can not draw in a terminal', async () => {
    const { detail } = await refusal(post({ image, 'a\u001b[2J': 1 }));
    expect(detail).toBe('a [2J is no field that is known here');
  });

  test.each([
    ['/v1/jobs', 'PUT', 'POST, GET, HEAD'],
    [`/v1/jobs/${knownId}/retry`, 'GET', 'POST'],
    [`/v1/jobs/${knownId}`, 'POST', 'GET, HEAD, DELETE'],
    [`/v1/jobs/${knownId}/artifact`, 'PATCH', 'GET, HEAD'],
    ['/readyz', 'DELETE', 'GET, HEAD'],
  ] as const)('%s takes no %s but says what it takes', async (url, method, allow) => {
    const response = await fixture.app.inject({
      method,
      url,
      headers: { 'content-type': 'text/css' },
      payload: 'x',
    });
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe(allow);
  });

  test('without Redis: 503, to be tried again soon', async () => {
    fixture.queue.fault = new DimgxError('REDIS_UNREACHABLE', 'Redis does not answer: not connected');
    const response = await fixture.app.inject(post({ image }));
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('1');
    expect(response.json()).toMatchObject({ code: 'REDIS_UNREACHABLE' });
  });

  test('a fault of ours tells nothing of the inside', async () => {
    fixture.queue.fault = new DimgxError('INTERNAL', 'TypeError: secret is undefined');
    const problem = await refusal(pathed(`/v1/jobs/${knownId}`));
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(problem.detail).not.toContain('secret');
  });
});
