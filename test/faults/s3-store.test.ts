import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { type ArtifactStore, openStore, type S3Settings } from '@dimgx/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../support/parts/free-port.ts';
import { needs } from '../support/parts/needs.ts';
import { bytes, MIB, sha256, writeFrom } from '../support/stores/content.ts';
import { type FaultProxy, startFaultProxy } from '../support/stores/fault-proxy.ts';
import { type S3Fixture, s3Fixture } from '../support/stores/s3-fixture.ts';

const mediaType = 'application/octet-stream';
const internalError = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>oops</Message></Error>';

needs('objectGateway')('the S3 store and a server with faults', () => {
  let fixture: S3Fixture;
  let proxy: FaultProxy;
  let store: ArtifactStore;
  let cancel: AbortController;
  let signal: AbortSignal;

  beforeAll(async () => {
    fixture = await s3Fixture();
  });
  afterAll(() => fixture.remove());
  beforeEach(async () => {
    proxy = await startFaultProxy(fixture.settings.endpoint);
    store = through(proxy.endpoint);
    cancel = new AbortController();
    signal = cancel.signal;
  });
  afterEach(async () => {
    await store.close();
    await proxy.close();
    expect(await fixture.unfinished()).toEqual([]);
  });

  const through = (endpoint: string, settings: S3Settings = {}) =>
    openStore(`s3://${fixture.bucket}/some/prefix`, { ...fixture.settings, endpoint, ...settings });
  const upload = async (key: string, content: Buffer) => {
    const started = await store.upload(key, { mediaType, signal });
    try {
      await writeFrom(started, content);
    } catch (error) {
      await started.abort();
      throw error;
    }
    return started.complete();
  };

  describe('a passing fault is got over', () => {
    const content = bytes(11 * MIB);
    test.each([
      ['a part answered with 500', 'PUT part', { kind: 'answer', status: 500, body: internalError }],
      ['a part answered with 503', 'PUT part', { kind: 'answer', status: 503 }],
      ['a part cut off on its way', 'PUT part', { kind: 'cut' }],
      ['the answer to a part lost', 'PUT part', { kind: 'cut-answer' }],
      ['the answer to the completion lost', 'POST complete', { kind: 'cut-answer' }],
      [
        'a completion answered with 200 and an error',
        'POST complete',
        { kind: 'answer', status: 200, body: internalError },
      ],
      ['the list of uploads answered with 501', 'GET uploads', { kind: 'answer', status: 501 }],
    ] as const)('%s', async (title, operation, fault) => {
      const key = `passing/${title.replaceAll(' ', '-')}`;
      proxy.decide = (seen, nth) => (seen === operation && nth === 1 ? fault : undefined);
      expect(await upload(key, content)).toEqual({ key, size: content.byteLength });
      expect(await sha256(await store.stream(key, signal))).toBe(await sha256(content));
      expect(proxy.seen).toContain(operation);
    });

    test('completed although no answer to it ever arrives', async () => {
      proxy.decide = (seen) => (seen === 'POST complete' ? { kind: 'cut-answer' } : undefined);
      expect(await upload('passing/never-told', content)).toMatchObject({ size: content.byteLength });
      expect(await sha256(await store.stream('passing/never-told', signal))).toBe(await sha256(content));
    });
  });

  describe('a lasting fault fails the upload and leaves nothing', () => {
    test.each([
      ['parts answered with 500', 'PUT part', { kind: 'answer', status: 500, body: internalError }],
      ['parts cut off', 'PUT part', { kind: 'cut' }],
      ['completions answered with 500', 'POST complete', { kind: 'answer', status: 500 }],
      ['uploads that can not be started', 'POST uploads', { kind: 'answer', status: 503 }],
    ] as const)('%s', async (_, operation, fault) => {
      proxy.decide = (seen) => (seen === operation ? fault : undefined);
      await expect(upload('lasting/object', bytes(11 * MIB))).rejects.toMatchObject({
        code: 'STORE_UNREACHABLE',
      });
      proxy.decide = () => undefined;
      expect(await store.head('lasting/object', signal)).toBeUndefined();
    });

    test('an object of another size than was sent', async () => {
      await store.write('lasting/size', Buffer.from('x'), { mediaType, signal });
      const answer = '<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>';
      proxy.decide = (seen) =>
        seen === 'POST complete' ? { kind: 'answer', status: 200, body: answer } : undefined;
      await expect(upload('lasting/size', bytes(6 * MIB))).rejects.toMatchObject({
        code: 'STORE_FAILED',
        message: 'lasting/size has 1 bytes in the store instead of 6291456',
      });
    });
  });

  describe('a server that falls silent', () => {
    test('counts as lost after the idle timeout', async () => {
      await store.close();
      store = through(proxy.endpoint, { idleTimeout: 200 });
      proxy.decide = (seen) => (seen === 'PUT part' ? { kind: 'hang' } : undefined);
      await expect(upload('silent/object', bytes(6 * MIB))).rejects.toMatchObject({
        code: 'STORE_UNREACHABLE',
      });
    });

    test('does not hold up whoever cancels', async () => {
      proxy.decide = (seen) => (seen === 'PUT part' ? { kind: 'hang' } : undefined);
      const started = await store.upload('silent/cancelled', { mediaType, signal });
      await writeFrom(started, bytes(6 * MIB));
      const completion = started.complete();
      await expect.poll(() => proxy.seen).toContain('PUT part');
      const reason = new Error('cancelled');
      cancel.abort(reason);
      await expect(completion).rejects.toBe(reason);
    });
  });

  test('a slow server slows the writer down', async () => {
    const gate = Promise.withResolvers<void>();
    proxy.decide = (seen) => (seen === 'PUT part' ? { kind: 'hold', until: gate.promise } : undefined);
    const started = await store.upload('slow/object', { mediaType, signal });
    const part = bytes(5 * MIB);
    for (let number = 1; number <= 4; number++) await started.write(part);
    let taken = false;
    const fifth = started.write(part).then(() => {
      taken = true;
    });
    await expect.poll(() => proxy.seen.filter((seen) => seen === 'PUT part')).toHaveLength(4);
    await store.head('slow/object', signal);
    expect(taken).toBe(false);
    gate.resolve();
    await fifth;
    expect(await started.complete()).toMatchObject({ size: 25 * MIB });
  });

  describe('aborting', () => {
    const abortedUpload = async (key: string) => {
      const started = await store.upload(key, { mediaType, signal });
      await writeFrom(started, bytes(6 * MIB));
      return started;
    };

    test('is tried again', async () => {
      proxy.decide = (seen, nth) =>
        seen === 'DELETE upload' && nth === 1 ? { kind: 'answer', status: 500 } : undefined;
      await (await abortedUpload('aborting/again')).abort();
      expect(await fixture.unfinished()).toEqual([]);
    });

    test('says when it can not be done, and the next upload of the key makes up for it', async () => {
      proxy.decide = (seen) => (seen === 'DELETE upload' ? { kind: 'answer', status: 500 } : undefined);
      const started = await abortedUpload('aborting/never');
      await expect(started.abort()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
      expect(await fixture.unfinished()).toHaveLength(1);
      proxy.decide = () => undefined;
      await upload('aborting/never', bytes(10));
    });

    test('waits for an upload that is being started', async () => {
      const gate = Promise.withResolvers<void>();
      proxy.decide = (seen) => (seen === 'POST uploads' ? { kind: 'hold', until: gate.promise } : undefined);
      const started = await abortedUpload('aborting/started');
      await expect.poll(() => proxy.seen).toContain('POST uploads');
      const aborted = started.abort();
      gate.resolve();
      await aborted;
      expect(await fixture.unfinished()).toEqual([]);
    });
  });

  test('an object that breaks off is an error of its stream', async () => {
    await store.write('read/broken', bytes(2 * MIB), { mediaType, signal });
    proxy.decide = (seen) => (seen === 'GET object' ? { kind: 'cut-answer', afterBytes: MIB } : undefined);
    const stream = await store.stream('read/broken', signal);
    await expect(buffer(stream)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    await expect(store.read('read/broken', signal)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  describe('the check tells what is wrong', () => {
    const [accessKeyId, secretAccessKey] = ['AKIAWRONGKEYID', 'wrong-secret'];
    interface Case {
      readonly open: () => ArtifactStore | Promise<ArtifactStore>;
      readonly code: string;
      readonly says: () => string;
    }
    test.each<[string, Case]>([
      [
        'an unknown key',
        {
          open: () => through(proxy.endpoint, { credentials: { accessKeyId, secretAccessKey } }),
          code: 'STORE_DENIED',
          says: () => `${proxy.endpoint} denies access to bucket ${fixture.bucket} (InvalidAccessKeyId)`,
        },
      ],
      [
        'a wrong secret',
        {
          open: () =>
            through(proxy.endpoint, { credentials: { ...fixture.settings.credentials, secretAccessKey } }),
          code: 'STORE_DENIED',
          says: () => `${proxy.endpoint} denies access to bucket ${fixture.bucket} (SignatureDoesNotMatch)`,
        },
      ],
      [
        'a missing bucket',
        {
          open: () => openStore('s3://no-such-bucket', fixture.settings),
          code: 'STORE_BUCKET_MISSING',
          says: () => `there is no bucket no-such-bucket at ${fixture.settings.endpoint}`,
        },
      ],
      [
        'nobody at the port',
        {
          open: async () => through(`http://127.0.0.1:${await freePort()}`),
          code: 'STORE_UNREACHABLE',
          says: () => 'does not answer (ECONNREFUSED)',
        },
      ],
      [
        'TLS where there is none',
        {
          open: () => through(proxy.endpoint.replace('http:', 'https:')),
          code: 'STORE_UNREACHABLE',
          says: () => 'does not answer (EPROTO)',
        },
      ],
      [
        'no permission to see what is missing',
        {
          open: () => {
            proxy.decide = (seen) => (seen === 'HEAD object' ? { kind: 'answer', status: 403 } : undefined);
            return through(proxy.endpoint);
          },
          code: 'STORE_DENIED',
          says: () => "can't look up dimgx-probe",
        },
      ],
      [
        'a server of another kind',
        {
          open: () => {
            proxy.decide = () => ({ kind: 'answer', status: 404, body: '<html>not here</html>' });
            return through(proxy.endpoint);
          },
          code: 'STORE_FAILED',
          says: () => `${proxy.endpoint} answers 404`,
        },
      ],
    ])('%s', async (_, { open, code, says }) => {
      const wrong = await open();
      const error: unknown = await wrong.check(signal).catch((thrown: unknown) => thrown);
      await wrong.close();
      expect(error).toMatchObject({ code, message: expect.stringContaining(says()) });
      const told = inspect(error, { depth: 9, showHidden: true });
      expect(error).toMatchObject({ message: expect.not.stringContaining('\n') });
      expect(told).not.toMatch(/wrong-secret|dimgx-test-secret|Signature=|AWS4/);
    });
  });
});
