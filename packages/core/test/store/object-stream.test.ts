import { PassThrough, Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { ObjectStream } from '../../src/store/object-stream.ts';

const toError = (thrown: unknown) => new Error(`told: ${thrown instanceof Error ? thrown.message : thrown}`);

function objectStream(body: Readable) {
  const cancel = new AbortController();
  return { cancel, stream: new ObjectStream(body, { signal: cancel.signal, toError }) };
}

describe('the stream of an object', () => {
  test('gives what its body gives', async () => {
    const { stream } = objectStream(Readable.from([Buffer.from('one '), Buffer.from('two')]));
    expect(await text(stream)).toBe('one two');
  });

  test('reads no further ahead than its reader needs', async () => {
    const body = new PassThrough();
    const { stream } = objectStream(body);
    let taken = 0;
    body.on('data', (chunk: Buffer) => {
      taken += chunk.byteLength;
    });
    const block = Buffer.alloc(64 * 1024);
    for (let written = 0; written < 32; written++) body.write(block);
    body.end();
    stream.read(0);
    await new Promise(setImmediate);
    expect(taken).toBeLessThan(5 * block.byteLength);
    expect((await buffer(stream)).byteLength).toBe(32 * block.byteLength);
  });

  test('fails as its body does, in our words', async () => {
    const body = new PassThrough();
    const { stream } = objectStream(body);
    body.destroy(new Error('reset'));
    await expect(text(stream)).rejects.toThrow('told: reset');
  });

  test('fails if its body closes early', async () => {
    const body = new PassThrough();
    const { stream } = objectStream(body);
    body.write('x');
    body.destroy();
    await expect(text(stream)).rejects.toThrow('told: the connection was closed in mid-object');
  });

  test('ends with its body, and the reason, when the signal comes', async () => {
    const body = new PassThrough();
    const { stream, cancel } = objectStream(body);
    const reason = new Error('cancelled');
    const reading = text(stream);
    cancel.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(body.destroyed).toBe(true);
  });

  test('lets go of its body when it is destroyed', () => {
    const body = new PassThrough();
    objectStream(body).stream.destroy();
    expect(body.destroyed).toBe(true);
  });
});
