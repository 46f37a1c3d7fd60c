import { describe, expect, test } from 'vitest';
import { HttpAnswer } from '../../src/source/http-answer.ts';

interface Read {
  readonly status: number;
  readonly body: string;
  readonly isWhole: boolean;
  readonly mayEnd: boolean;
}

/** What is read of a text that comes in pieces of so many bytes. */
function read(text: string, pieceLength: number): Read {
  const pieces: Buffer[] = [];
  const answer = new HttpAnswer((piece) => pieces.push(Buffer.from(piece)));
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += pieceLength) answer.feed(bytes.subarray(at, at + pieceLength));
  const { status, isWhole, mayEnd } = answer;
  return { status, body: Buffer.concat(pieces).toString('latin1'), isWhole, mayEnd };
}

const ok = 'HTTP/1.1 200 OK\r\n';
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;
const whole = { status: 200, isWhole: true, mayEnd: true };
const cut = { status: 200, isWhole: false, mayEnd: false };

const answers: [situation: string, text: string, expected: Read][] = [
  ['chunks', `${chunked}5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n`, { ...whole, body: 'hello!' }],
  [
    'a chunk of hexadecimal length',
    `${chunked}0A\r\n0123456789\r\n0\r\n\r\n`,
    { ...whole, body: '0123456789' },
  ],
  ['chunks with extensions', `${chunked}2 ; a=b\r\nhi\r\n0;c\r\n\r\n`, { ...whole, body: 'hi' }],
  ['chunks with trailers', `${chunked}2\r\nhi\r\n0\r\nDigest: x\r\n\r\n`, { ...whole, body: 'hi' }],
  ['no chunk', `${chunked}0\r\n\r\n`, { ...whole, body: '' }],
  [
    'chunks that hold what looks like their ends',
    `${chunked}7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n`,
    { ...whole, body: '\r\n0\r\n\r\n' },
  ],
  [
    'chunked after another coding',
    `${ok}transfer-encoding: gzip , chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    { ...whole, body: 'a' },
  ],
  [
    'chunks and a length, which then does not count',
    `${ok}Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    { ...whole, body: 'a' },
  ],
  ['chunks without the last one', `${chunked}5\r\nhello\r\n`, { ...cut, body: 'hello' }],
  ['a chunk that is cut off', `${chunked}5\r\nhel`, { ...cut, body: 'hel' }],
  ['no end behind the last chunk', `${chunked}1\r\na\r\n0\r\n`, { ...cut, body: 'a' }],
  ['a length', `${ok}Content-Length: 5\r\n\r\nhello`, { ...whole, body: 'hello' }],
  ['a length of nothing', `${ok}content-length:0\r\n\r\n`, { ...whole, body: '' }],
  ['a length and too little', `${ok}Content-Length: 5\r\n\r\nhel`, { ...cut, body: 'hel' }],
  [
    'a length and too much, which is left out',
    `${ok}Content-Length: 5\r\n\r\nhello!!`,
    { ...whole, body: 'hello' },
  ],
  [
    'no length: all until the end',
    `${ok}\r\nhello`,
    { status: 200, isWhole: false, mayEnd: true, body: 'hello' },
  ],
  [
    'HTTP/1.0 and bare newlines',
    'HTTP/1.0 200 OK\nServer: x\n\nhello',
    { status: 200, isWhole: false, mayEnd: true, body: 'hello' },
  ],
  [
    'an interim answer first',
    `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${chunked}1\r\na\r\n0\r\n\r\n`,
    { ...whole, body: 'a' },
  ],
  ['no reason', 'HTTP/1.1 404\r\nContent-Length: 2\r\n\r\nno', { ...whole, status: 404, body: 'no' }],
  ['a head that is cut off', `${ok}Content-Le`, { ...cut, body: '' }],
];

describe.each(answers)('an answer with %s', (_situation, text, expected) => {
  test.each([1, 2, 7, 1000])('in pieces of %d bytes', (length) => {
    expect(read(text, length)).toEqual(expected);
  });
});

test.each<[situation: string, text: string, fault: RegExp]>([
  ['is no HTTP', 'SSH-2.0-OpenSSH\r\n', /^it answers what is no HTTP: "SSH-2\.0-OpenSSH"$/],
  ['has another version', 'HTTP/2 200 OK\r\n', /no HTTP: "HTTP\/2 200 OK"/],
  ['has a field without a name', `${ok}: x\r\n`, /no HTTP: ": x"/],
  ['has a length that is none', `${ok}Content-Length: -1\r\n`, /no HTTP: "Content-Length: -1"/],
  ['has a chunk without a length', `${chunked}x\r\n`, /no HTTP: "x"/],
  ['has a chunk that is longer than it says', `${chunked}2\r\nhello\r\n`, /no HTTP: "llo"/],
  ['has a line without an end', `HTTP/1.1 200 ${'x'.repeat(20_000)}`, /a line that is too long/],
  [
    'has a head without an end',
    `${ok}${`A: ${'x'.repeat(10_000)}\r\n`.repeat(7)}`,
    /a head that is too long/,
  ],
])('one that %s is refused', (_situation, text, fault) => {
  expect(() => read(text, 1000)).toThrow(fault);
});
