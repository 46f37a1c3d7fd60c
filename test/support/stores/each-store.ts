import type { ArtifactStore, StoredObject, Upload } from '@dimgx/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { needs } from '../parts/needs.ts';
import { sha256 } from './content.ts';
import { directoryFixture } from './directory-fixture.ts';
import { s3Fixture } from './s3-fixture.ts';
import type { StoreFixture } from './store-fixture.ts';

/** A store and what a test does with it. To be read in hooks and tests alone. */
export interface GivenStore {
  /** One for all tests of a file: each keeps to keys of its own. */
  readonly fixture: StoreFixture;
  /** Opened for one test. */
  readonly store: ArtifactStore;
  /** Aborts `signal`, which all that is done below is given. */
  readonly cancel: AbortController;
  readonly signal: AbortSignal;
  write(key: string, content: Buffer | string): Promise<StoredObject>;
  upload(key: string): Promise<Upload>;
  /** The whole object as text. */
  read(key: string): Promise<string | undefined>;
  /** The SHA-256 of the whole object. */
  streamed(key: string): Promise<string>;
}

export const mediaType = 'application/octet-stream';

/** What every store does, whatever it is made of. Afterwards no upload may be left that a test has begun. */
export function describeEachStore(tests: (given: GivenStore) => void): void {
  describe('the directory store', () => tests(givenStore(directoryFixture)));
  needs('objectGateway')('the S3 store', () => tests(givenStore(s3Fixture)));
}

function givenStore(makeFixture: () => Promise<StoreFixture>): GivenStore {
  let fixture: StoreFixture;
  let store: ArtifactStore;
  let cancel: AbortController;

  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterAll(() => fixture.remove());

  beforeEach(() => {
    store = fixture.open();
    cancel = new AbortController();
  });
  afterEach(async () => {
    await store.close();
    expect(await fixture.unfinished(), 'uploads left by the test').toEqual([]);
  });

  const options = () => ({ mediaType, signal: cancel.signal });
  return {
    get fixture() {
      return fixture;
    },
    get store() {
      return store;
    },
    get cancel() {
      return cancel;
    },
    get signal() {
      return cancel.signal;
    },
    write: (key, content) => store.write(key, Buffer.from(content), options()),
    upload: (key) => store.upload(key, options()),
    read: async (key) => (await store.read(key, cancel.signal))?.toString(),
    streamed: async (key) => sha256(await store.stream(key, cancel.signal)),
  };
}
