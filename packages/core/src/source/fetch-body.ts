import { connect, type NetConnectOpts } from 'node:net';
import { HttpAnswer } from './http-answer.ts';
import { type ByteTaker, readSocket } from './read-socket.ts';

/** Characters of what a server says instead of the body. */
const mostOfRefusal = 64 * 1024;

/**
 * Asks a server for a body of any length by plain HTTP, without a byte of it becoming garbage.
 *
 * Throws the connection's fault; `ERR_STREAM_PREMATURE_CLOSE` where it ends too early; an error with a `statusCode`, as
 * dockerode does, for an answer that is not 200; what the taker throws; and the signal's reason.
 */
export async function fetchBody(
  address: NetConnectOpts,
  path: string,
  { taker, signal }: { readonly taker: ByteTaker; readonly signal: AbortSignal },
): Promise<void> {
  let refusal = '';
  const answer = new HttpAnswer((piece, status) => {
    if (status === 200) taker.add(piece);
    else refusal = (refusal + piece.toString('utf8')).slice(0, mostOfRefusal);
  });
  await readSocket(
    (onread) => {
      const socket = connect({ ...address, onread });
      socket.write(`GET ${path} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n`);
      return socket;
    },
    {
      add: (bytes) => answer.feed(bytes),
      ready: () => taker.ready(),
      isWhole: () => answer.isWhole,
      signal,
    },
  );
  if (!answer.mayEnd) throw tooEarly();
  if (answer.status !== 200) throw refused(answer.status, refusal);
}

function tooEarly(): Error {
  return Object.assign(new Error('the connection ended in the answer'), {
    code: 'ERR_STREAM_PREMATURE_CLOSE',
  });
}

function refused(statusCode: number, text: string): Error {
  return Object.assign(new Error(text), { statusCode });
}
