import { describe, expect, test } from 'vitest';
import { DimgxClient, ServiceError } from '../src/index.ts';
import { type Answer, fakeService, json, lost, redisAway, refused } from './fake-service.ts';

const service = fakeService();
const queued = json({ id: 'a', state: 'queued' }, 202);

describe('a request', () => {
  test('carries the key and its body', async () => {
    service.answers = [queued];
    expect(await service.client({ token: 'secret' }).jobs.submit({ image: 'x' })).toMatchObject({ id: 'a' });
    expect(service.requests).toMatchObject([
      { line: 'POST /v1/jobs', headers: { authorization: 'Bearer secret' }, body: '{"image":"x"}' },
    ]);
  });

  test('goes below the path of the URL', async () => {
    service.answers = [queued];
    await service.client({ url: `${service.url}/dimgx/` }).jobs.get('a');
    expect(service.requests[0]?.line).toBe('GET /dimgx/v1/jobs/a');
  });

  test('can not leave its route by its id', async () => {
    service.answers = [queued];
    const { jobs } = service.client();
    await jobs.get('../../x?y');
    expect(service.requests[0]?.line).toBe('GET /v1/jobs/..%2F..%2Fx%3Fy');
    for (const id of ['', '.', '..']) {
      await expect(jobs.get(id)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    }
    expect(service.requests).toHaveLength(1);
  });

  test('leaves out what is undefined', async () => {
    service.answers = [json({ items: [] })];
    await service.client().jobs.list({ state: undefined, label: [], limit: 3 }).page();
    expect(service.requests[0]?.line).toBe('GET /v1/jobs?limit=3');
  });

  test('for nothing resolves with nothing', async () => {
    service.answers = [(_request, response) => response.writeHead(204).end()];
    expect(await service.client().keys.revoke('a')).toBeUndefined();
  });

  test('is given up by the signal of the client, or by its own', async () => {
    for (const own of [true, false]) {
      const controller = new AbortController();
      service.answers = [() => controller.abort(new Error('stopped'))];
      const { signal } = controller;
      const { jobs } = service.client(own ? {} : { signal });
      await expect(jobs.get('a', own ? { signal } : {})).rejects.toThrow('stopped');
    }
  });
});

test.each(['here', 'http://user:geheim@127.0.0.1:1', 'http://user:geheim@:x'])(
  'a client can not be made for %s',
  (url) => {
    expect(() => new DimgxClient({ url })).toThrow(TypeError);
    expect(() => new DimgxClient({ url })).not.toThrow('geheim');
    expect(() => new DimgxClient({ url })).toThrow(/url/i);
  },
);

test.each(['geheim\n', 'geheim b', 'schl\u00fcssel'])(
  'nor with the key %j, which no error repeats',
  (token) => {
    expect(() => new DimgxClient({ url: 'http://127.0.0.1:1', token })).toThrow(
      new TypeError('token must be ASCII without blanks'),
    );
  },
);

describe('a refusal', () => {
  test('is what the service says', async () => {
    const errors = [{ pointer: '/image', detail: 'is missing' }];
    const problem = {
      status: 400,
      title: 'Bad Request',
      detail: 'image is missing',
      code: 'REQUEST_INVALID',
    };
    service.answers = [json({ ...problem, type: 'about:blank', errors }, 400)];
    const error = await service
      .client()
      .jobs.submit({ image: '' })
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', status: 400, detail: 'image is missing', errors });
    expect(error).toMatchObject({ message: 'image is missing', retryable: false, problem });
  });

  test.each([
    [
      'by something else than the service',
      502,
      'SERVICE_UNREACHABLE',
      'the service answered 502 Bad Gateway',
    ],
    ['that tells nothing', 403, 'INTERNAL', 'the service answered 403 Forbidden'],
  ])('%s says so', async (_by, status, code, message) => {
    service.answers = [(_request, response) => response.writeHead(status).end('<html>')];
    await expect(service.client({ patienceMs: 0 }).jobs.get('a')).rejects.toMatchObject({ code, message });
  });

  test.each([
    [200, 'it sends no JSON'],
    [404, 'it answers 404 Not Found'],
    [501, 'it answers 501 Not Implemented'],
  ])('is at once that of something else which answers %i', async (status, what) => {
    service.answers = [(_request, response) => response.writeHead(status).end('<html>Log in</html>')];
    await expect(service.client().jobs.get('a')).rejects.toMatchObject({
      code: 'SERVICE_UNREACHABLE',
      message: `what answers at ${service.url} is not dimgx: ${what}`,
    });
    expect(service.requests).toHaveLength(1);
  });
});

describe('a request is sent again', () => {
  const brokenOff: Answer = (_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy());
  };

  test.each<[string, Answer]>([
    ['that finds Redis away', redisAway],
    ['whose connection is lost', lost],
    ['whose answer breaks off', brokenOff],
    ['that finds a proxy without its service', (_request, response) => response.writeHead(502).end()],
  ])('%s, as the same', async (_situation, answer) => {
    service.answers = [json({ status: 'ok' }), answer, queued];
    const client = service.client();
    await client.health.live();
    expect(await client.jobs.submit({ image: 'x' })).toMatchObject({ id: 'a' });
    const [, first, second] = service.requests;
    expect(first?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toMatchObject({ line: first?.line, body: first?.body });
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  });

  test('when the service says, whatever it is', async () => {
    service.answers = [refused(429, 'RATE_LIMITED', { 'retry-after': '1' }), json({ secret: 'new' })];
    const started = performance.now();
    expect(await service.client().callbacks.rotate('a')).toEqual({ secret: 'new' });
    expect(performance.now() - started).toBeGreaterThan(990);
  });

  test('for as long as the caller says', async () => {
    service.answers = [refused(429, 'RATE_LIMITED', { 'retry-after': '60' })];
    const refusal = service.client().jobs.get('a', { patienceMs: 2000 });
    await expect(refusal).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryable: true,
      retryAfterMs: 60_000,
    });
    expect(service.requests).toHaveLength(1);
  });
});

describe('a service that has not answered yet', () => {
  /** A connection that is refused, until the service is there. */
  function refusedTimes(times: number): { fetch: typeof fetch; tried: () => number } {
    let tried = 0;
    const send: typeof fetch = (...given) => {
      tried++;
      if (tried > times) return fetch(...given);
      const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      return Promise.reject(new TypeError('fetch failed', { cause }));
    };
    return { fetch: send, tried: () => tried };
  }

  test('is asked again while it is restarted, also for what could be done twice', async () => {
    service.answers = [json({ key: 'new' })];
    expect(await service.client(refusedTimes(2)).keys.create({ name: 'a' })).toEqual({ key: 'new' });
    expect(service.requests).toHaveLength(1);
  });

  test('is given up after some seconds, since its URL may be wrong', async () => {
    const refusing = refusedTimes(Number.POSITIVE_INFINITY);
    const started = performance.now();
    await expect(service.client(refusing).jobs.get('a')).rejects.toMatchObject({
      code: 'SERVICE_UNREACHABLE',
      message: `no dimgx service answers at ${service.url}`,
    });
    expect(performance.now() - started).toBeGreaterThan(4900);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(refusing.tried()).toBeGreaterThan(4);
  });
});

describe('a request is sent once', () => {
  test.each<[string, Answer]>([
    ['Redis is away', redisAway],
    ['the connection is lost', lost],
  ])('that could do the same twice, when %s', async (_situation, answer) => {
    service.answers = [json({ status: 'ok' }), answer];
    const client = service.client();
    await client.health.live();
    await expect(client.keys.create({ name: 'a' })).rejects.toMatchObject({ retryable: true });
    expect(service.requests).toHaveLength(2);
  });

  test.each([
    [
      'http://127.0.0.1:1',
      'http://127.0.0.1:1 has a bad port, one that HTTP clients refuse since it is kept for another protocol; have the service listen on another',
    ],
    ['http://no.invalid', 'no dimgx service answers at http://no.invalid'],
  ])(
    'that can reach nobody at %s, and the error names where it went, and not the key',
    async (url, message) => {
      const resolved = (url: string) => Object.assign(new Error(`getaddrinfo ${url}`), { code: 'ENOTFOUND' });
      const offline = (async () => {
        throw new TypeError('fetch failed', { cause: resolved(url) });
      }) as typeof fetch;
      const fake = url.endsWith('.invalid') ? { fetch: offline } : {};
      const started = performance.now();
      const client = new DimgxClient({ url: `${url}/?secret`, token: 'secret', ...fake });
      const told = { code: 'SERVICE_UNREACHABLE', status: undefined, message };
      await expect(client.jobs.get('a')).rejects.toMatchObject(told);
      expect(performance.now() - started).toBeLessThan(1000);
    },
  );
});

describe('a list', () => {
  const pages = [
    json({ items: [1, 2], nextCursor: 'b' }),
    json({ items: [], nextCursor: 'c' }),
    json({ items: [3] }),
  ];

  test('gives its items page after page, and asks for no more than is read', async () => {
    service.answers = [...pages];
    const items: unknown[] = [];
    for await (const item of service.client().jobs.list({ state: 'failed' })) items.push(item);
    expect(items).toEqual([1, 2, 3]);
    expect(service.requests.map(({ line }) => line)).toEqual([
      'GET /v1/jobs?state=failed',
      'GET /v1/jobs?state=failed&cursor=b',
      'GET /v1/jobs?state=failed&cursor=c',
    ]);
    service.answers = [...pages];
    for await (const _ of service.client().jobs.list()) break;
    expect(service.requests).toHaveLength(4);
  });

  test('gives the page at a cursor', async () => {
    service.answers = [...pages];
    expect(await service.client().batches.list({ cursor: 'a', limit: 2 }).page()).toEqual({
      items: [1, 2],
      nextCursor: 'b',
    });
    expect(service.requests[0]?.line).toBe('GET /v1/batches?limit=2&cursor=a');
  });
});
