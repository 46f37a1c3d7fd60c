import type { Readable } from 'node:stream';

/** A finished object of the store. */
export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

/** A finished object as a list tells of it. */
export interface ListedObject extends StoredObject {
  /** When it became visible. */
  readonly storedAt: Date;
}

/** Which part of a list is wanted. */
export interface ListOptions {
  /** Keys begin with it; empty for all. */
  readonly prefix: string;
  /** Only keys that come after this one. */
  readonly after?: string | undefined;
  /** At the most; 1000 is the most that may be asked for. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** What an object is stored with. */
export interface UploadOptions {
  readonly mediaType: string;
  /** Aborting it makes the pending call throw the signal's reason; call `abort()` to clean up. */
  readonly signal: AbortSignal;
  /**
   * Told the upload's ticket, by which anybody may `discard` it, before the store keeps any of its bytes; what it throws
   * ends the upload. An object that goes to the store at once has none.
   */
  readonly onBegun?: ((ticket: string) => Promise<void>) | undefined;
}

/**
 * An object on its way. Nothing of it is visible under its key before `complete`; after `abort`, or when the
 * process dies, nothing ever is. Whoever opened it ends it with exactly one of the two.
 */
export interface Upload {
  /** Takes the next bytes; resolves when the store can take more. The chunk is the store's until then. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the object visible. Replaces an older one of the same key whole. If it throws, it has aborted. */
  complete(): Promise<StoredObject>;
  /**
   * Drops all that was written. Harmless after `complete` or a second time. Throws if the store can't be told; what
   * it keeps then is invisible, and goes with the next upload of the key.
   */
  abort(): Promise<void>;
}

/** Bytes `start` to `end`, both inclusive, as in HTTP's `Range: bytes=start-end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What tells a store from what may lie in its place. Throws what the store does. */
export interface StoreMarker {
  /** The store's id; undefined if it has none. */
  read(): Promise<string | undefined>;
  write(id: string): Promise<void>;
  /** From now on the store has to have this id: its `check`, and whatever it would store, throw `STORE_FAILED` otherwise. */
  expect(id: string): void;
  confirm(): Promise<void>;
}

/**
 * Where artifacts go. Keys are relative paths of segments `[A-Za-z0-9._-]`, joined by `/`, none with a dot in front.
 *
 * Throws `STORE_UNREACHABLE`, `STORE_DENIED`, `STORE_BUCKET_MISSING`, `NO_SPACE` or `STORE_FAILED`.
 */
export interface ArtifactStore {
  /** `file:DIR` or `s3://BUCKET/PREFIX`, without credentials. */
  readonly location: string;
  /** Where something else may be taken for the store, as the folder is that its disk was mounted on. */
  readonly marker?: StoreMarker;
  /** Proves that the store can be reached and written with what it was given; throws what is wrong. */
  check(signal: AbortSignal): Promise<void>;
  head(key: string, signal: AbortSignal): Promise<StoredObject | undefined>;
  /** A whole small object (a sidecar); undefined if there is none. Refuses one of more than 16 MiB. */
  read(key: string, signal: AbortSignal): Promise<Buffer | undefined>;
  /** Writes a whole small object, visible complete or not at all. */
  write(key: string, content: Uint8Array, options: UploadOptions): Promise<StoredObject>;
  /** Starts an object of any size. Leftovers of dead uploads of the same key go when it completes. */
  upload(key: string, options: UploadOptions): Promise<Upload>;
  /**
   * Drops what the upload of this ticket has written; nobody may be at it any more. Harmless if it has ended, however
   * that was.
   */
  discard(key: string, ticket: string, signal: AbortSignal): Promise<void>;
  /** The object's bytes; the caller consumes or destroys the stream. `ARTIFACT_NOT_FOUND` if there is none. */
  stream(key: string, signal: AbortSignal, range?: ByteRange): Promise<Readable>;
  /** A URL that serves the object for a while to whoever has it, where the store can make one. */
  presign(key: string, options: { fileName: string; expiresSeconds: number }): Promise<string | undefined>;
  /** The next objects in the order of their keys' bytes; fewer than `limit` only where the list ends. */
  list(options: ListOptions): Promise<ListedObject[]>;
  /** Removes the object; harmless if there is none. */
  remove(key: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
