import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { selfSigned } from '../../../../test/support/self-signed-certificate.ts';
import { NetworkRules } from '../../src/outbound/network-rules.ts';
import { OutboundClient } from '../../src/outbound/outbound-client.ts';

const opened = ['127.0.0.1/32'];
const never = new AbortController().signal;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server on all addresses of this machine; gives its port and how many requests reached it. */
async function server(answer: RequestListener, tls?: object): Promise<{ port: number; seen: () => number }> {
  let seen = 0;
  const listener: RequestListener = (request, response) => {
    seen += 1;
    answer(request, response);
  };
  const running: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  running.listen(0, '::');
  await once(running, 'listening');
  closers.push(async () => {
    running.closeAllConnections();
    await new Promise((resolve) => running.close(resolve));
  });
  return { port: (running.address() as AddressInfo).port, seen: () => seen };
}

async function client(networks: readonly string[], within?: number): Promise<OutboundClient> {
  const opening = await OutboundClient.open(new NetworkRules(networks), within);
  closers.push(() => opening.close());
  return opening;
}

const post = (from: OutboundClient, url: string, signal = never) =>
  from.post(new URL(url), { headers: { 'x-mark': 'm' }, body: 'hello', signal });

test.each([
  ...['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '[::]', '0.0.0.0', '2130706433', '0x7f.1', 'localhost'],
])('nothing reaches a server of this machine by %s', async (host) => {
  const { port, seen } = await server((_request, response) => response.end());
  const closed = await client([]);
  for (const protocol of ['http', 'https']) {
    const refusal = { code: 'ADDRESS_REFUSED', message: expect.not.stringContaining('secret') };
    await expect(post(closed, `${protocol}://${host}:${port}/?secret`)).rejects.toMatchObject(refusal);
  }
  expect(seen()).toBe(0);
});

test('TLS to a port without is told in words', async () => {
  const { port } = await server((_request, response) => response.end());
  const loopback = await client(opened);
  await expect(post(loopback, `https://127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'ENDPOINT_UNREACHABLE',
    message: `127.0.0.1:${port}: TLS fails: wrong version number`,
  });
});

test('of an opened network only the opened addresses are reached', async () => {
  const { port, seen } = await server((_request, response) => response.end());
  const loopback = await client(opened);
  await expect(post(loopback, `http://[::1]:${port}`)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  expect(await post(loopback, `http://127.0.0.1:${port}`)).toEqual({ status: 200, retryAfter: undefined });
  // By name too, of whose addresses the others are left out.
  expect((await post(loopback, `http://localhost:${port}`)).status).toBe(200);
  expect(seen()).toBe(2);
});

test('what is sent arrives, and what is answered is told', async () => {
  const received: unknown[] = [];
  const { port } = await server(async (request, response) => {
    const body = await request.setEncoding('utf8').toArray();
    received.push([request.method, request.url, request.headers['x-mark'], body.join('')]);
    response.writeHead(503, { 'retry-after': '7' }).end('busy');
  });
  const answer = await post(await client(opened), `http://127.0.0.1:${port}/hook?a=b`);
  expect(answer).toEqual({ status: 503, retryAfter: '7' });
  expect(received).toEqual([['POST', '/hook?a=b', 'm', 'hello']]);
});

test('a redirect is an answer, and is not followed', async () => {
  const { port, seen } = await server((request, response) => {
    response.writeHead(request.url === '/' ? 307 : 200, { location: '/elsewhere' }).end();
  });
  expect((await post(await client(opened), `http://127.0.0.1:${port}/`)).status).toBe(307);
  expect(seen()).toBe(1);
});

test.each<[situation: string, answer: RequestListener]>([
  ['never answers', () => {}],
  ['never ends its answer', (_request, response) => response.writeHead(200).write('a')],
])('who %s is given up', async (_situation, answer) => {
  const { port } = await server(answer);
  const impatient = await client(opened, 200);
  await expect(post(impatient, `http://127.0.0.1:${port}/`)).rejects.toMatchObject({
    code: 'ENDPOINT_UNREACHABLE',
    message: `127.0.0.1:${port}: no answer within 0.2 seconds`,
  });
});

test('an answer without end is read for a while only', async () => {
  let sent = 0;
  const { port } = await server((_request, response) => {
    const fill = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(16_384))) sent += 16_384;
    };
    response.on('drain', fill);
    fill();
  });
  expect((await post(await client(opened), `http://127.0.0.1:${port}/`)).status).toBe(200);
  expect(sent).toBeLessThan(16 * 1024 * 1024);
});

test('a short text is read whole', async () => {
  const { port } = await server((_request, response) => response.write('a', () => response.end('b')));
  const reader = await client(opened);
  expect(await reader.text(new URL(`http://127.0.0.1:${port}/`))).toBe('ab');
});

test.each<[situation: string, answer: RequestListener, why: RegExp]>([
  ['is long', (_request, response) => response.end(Buffer.alloc(70_000)), /more than 65536 bytes/],
  ['is a redirect', (_request, response) => response.writeHead(302, { location: '/' }).end(), /status 302/],
  ['is not there', (_request, response) => response.writeHead(404).end(), /status 404/],
])('a text that %s is not taken', async (_situation, answer, why) => {
  const { port } = await server(answer);
  const read = (await client(opened)).text(new URL(`http://127.0.0.1:${port}/`));
  await expect(read).rejects.toMatchObject({
    code: 'ENDPOINT_UNREACHABLE',
    message: expect.stringMatching(why),
  });
});

test('over TLS, to a server whose certificate is known', async () => {
  const { certificate: cert, privateKey } = selfSigned();
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const { port, seen } = await server((_request, response) => response.end(), { cert, key });
  const url = `https://127.0.0.1:${port}/`;
  await expect(post(await client(opened), url)).rejects.toMatchObject({
    code: 'ENDPOINT_UNREACHABLE',
    message: `127.0.0.1:${port}: DEPTH_ZERO_SELF_SIGNED_CERT`,
  });
  expect(seen()).toBe(0);

  const usual = getCACertificates('default');
  closers.push(async () => setDefaultCACertificates(usual));
  setDefaultCACertificates([...usual, cert]);
  expect((await post(await client(opened), url)).status).toBe(200);
  await expect(post(await client([]), url)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  expect(seen()).toBe(1);
});

test('nobody listens', async () => {
  const { port } = await server(() => {});
  await closers.pop()?.();
  await expect(post(await client(opened), `http://127.0.0.1:${port}/`)).rejects.toMatchObject({
    code: 'ENDPOINT_UNREACHABLE',
    message: `127.0.0.1:${port}: ECONNREFUSED`,
  });
});

test("whoever gives up throws the signal's reason", async () => {
  const { port } = await server(() => {});
  const reason = new Error('enough');
  const giving = AbortSignal.abort(reason);
  await expect(post(await client(opened), `http://127.0.0.1:${port}/`, giving)).rejects.toBe(reason);
});
