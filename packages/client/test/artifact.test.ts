import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { ArtifactOptions } from '../src/index.ts';
import { type Answer, fakeService, json, refused } from './fake-service.ts';

const service = fakeService();
const bytes = randomBytes(300_000);
const artifact = { size: bytes.length, sha256: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
const completed = json({ id: 'a', state: 'completed', result: { artifact } });

const whole: Answer = (_request, response) => response.end(bytes);
/** Breaks off in the middle of what it announced. */
const broken: Answer = (_request, response) => {
  response.writeHead(200, { 'content-length': bytes.length });
  response.write(bytes.subarray(0, 100_000), () => response.destroy());
};
const part: Answer = ({ headers }, response) => {
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  response.writeHead(206).end(bytes.subarray(Number(start), end === '' ? undefined : Number(end) + 1));
};

async function fetched(options?: ArtifactOptions): Promise<Buffer> {
  const { body, length } = await service.client().jobs.artifact('a', options);
  const all = await buffer(body);
  expect(all).toHaveLength(length);
  return all;
}

function ranges(): (string | undefined)[] {
  return service.requests.slice(1).map(({ headers }) => headers.range);
}

describe('an artifact', () => {
  test('comes with what it is', async () => {
    service.answers = [completed, whole];
    const { body, ...told } = await service.client().jobs.artifact('a');
    expect(told).toEqual({ ...artifact, start: 0, length: artifact.size });
    expect(await buffer(body)).toEqual(bytes);
  });

  test('goes on where its connection broke off', async () => {
    service.answers = [completed, broken, part];
    expect(await fetched()).toEqual(bytes);
    expect(ranges()).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  });

  test.each<[ArtifactOptions, string, Buffer]>([
    [{ start: 299_990 }, 'bytes=299990-', bytes.subarray(299_990)],
    [{ end: 9 }, 'bytes=0-9', bytes.subarray(0, 10)],
    [{ start: 5, end: 1_000_000 }, 'bytes=5-1000000', bytes.subarray(5)],
  ])('comes in parts: %j', async (options, range, expected) => {
    service.answers = [completed, part];
    expect(await fetched(options)).toEqual(expected);
    expect(ranges()).toEqual([range]);
  });

  test.each<ArtifactOptions>([{ start: 300_000 }, { start: -1 }, { start: 5, end: 4 }])(
    'has no part such as %j',
    async (options) => {
      service.answers = [completed];
      await expect(fetched(options)).rejects.toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' });
    },
  );

  test.each<[string, Answer]>([
    ['other bytes', (_request, response) => response.end(randomBytes(bytes.length))],
    ['more bytes', (_request, response) => response.end(Buffer.concat([bytes, bytes]))],
  ])('of %s is an error at its end', async (_of, answer) => {
    service.answers = [completed, answer];
    await expect(fetched()).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      message: expect.stringMatching(/download it again, .* submit the image with force$/),
    });
  });

  test('of nothing, again and again, is given up', { timeout: 20_000 }, async () => {
    service.answers = [completed, (_request, response) => response.end()];
    const refusal = {
      code: 'SERVICE_UNREACHABLE',
      message: expect.stringMatching(/broke off again and again/),
    };
    await expect(fetched()).rejects.toMatchObject(refusal);
    expect(ranges()).toHaveLength(5);
  });

  async function* pieces(held: Buffer): AsyncGenerator<Uint8Array> {
    yield held.subarray(0, 7);
    yield held.subarray(7);
  }

  test.each([1, 299_999])('goes on behind %d bytes of an earlier download', async (count) => {
    service.answers = [completed, part];
    expect(await fetched({ held: pieces(bytes.subarray(0, count)) })).toEqual(bytes.subarray(count));
    expect(ranges()).toEqual([`bytes=${count}-`]);
  });

  test('that is held already is not asked for', async () => {
    service.answers = [completed];
    const { start, length, body } = await service.client().jobs.artifact('a', { held: pieces(bytes) });
    expect({ start, length }).toEqual({ start: bytes.length, length: 0 });
    expect(await buffer(body)).toHaveLength(0);
    expect(ranges()).toEqual([]);
  });

  test.each([1000, bytes.length])(
    'of which %d bytes are held, and wrong, is an error at its end',
    async (count) => {
      service.answers = [completed, part];
      await expect(fetched({ held: pieces(randomBytes(count)) })).rejects.toMatchObject({
        code: 'DIGEST_MISMATCH',
      });
    },
  );

  test('of which more is held than it has is refused', async () => {
    service.answers = [completed];
    await expect(fetched({ held: pieces(randomBytes(300_001)) })).rejects.toMatchObject({
      code: 'RANGE_NOT_SATISFIABLE',
    });
  });

  test('all of which comes where a part was asked for is refused', async () => {
    service.answers = [completed, whole];
    await expect(fetched({ start: 5 })).rejects.toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' });
  });

  test.each<[string, Answer, Answer, string]>([
    ['gone', completed, refused(410, 'ARTIFACT_EXPIRED'), 'ARTIFACT_EXPIRED'],
    [
      'not ready',
      json({ id: 'a', state: 'active' }),
      refused(409, 'ARTIFACT_NOT_READY'),
      'ARTIFACT_NOT_READY',
    ],
    ['ready a moment later', json({ id: 'a', state: 'active' }), whole, 'ARTIFACT_NOT_READY'],
  ])('that is %s is refused', async (_how, job, answer, code) => {
    service.answers = [job, answer];
    await expect(service.client().jobs.artifact('a')).rejects.toMatchObject({ code });
  });

  test.each(['is left', 'is stopped'])('ends with its connection when it %s', async (how) => {
    const controller = new AbortController();
    const gone = Promise.withResolvers<void>();
    service.answers = [
      completed,
      (_request, response) => {
        response.on('close', gone.resolve);
        response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 10));
      },
    ];
    const { signal } = controller;
    const { body } = await service.client().jobs.artifact('a', { signal });
    if (how === 'is left') await body.cancel();
    else {
      controller.abort(new Error('stopped'));
      await expect(buffer(body)).rejects.toThrow('stopped');
    }
    await gone.promise;
  });
});
