import type { OnReadOpts, Socket } from 'node:net';

/** Bytes that one read gives at the most. */
const READ = 256 * 1024;

/** Takes bytes piece by piece. */
export interface ByteTaker {
  /** Takes over what it needs of a piece, whose memory is used again. Throws to end the reading. */
  add(piece: Buffer): void;
  /** What to wait for before more is added. */
  ready(): Promise<void> | undefined;
}

export interface SocketReading extends ByteTaker {
  /** Whether there is no need to read on. */
  isWhole?(): boolean;
  readonly signal: AbortSignal;
}

/**
 * Reads what `open` opens to its end, into one piece of memory again and again: a stream makes garbage of each piece, and
 * collecting that takes longer than all the rest. Throws its fault, what the taker throws, and the signal's reason; the socket
 * is closed on every path.
 */
export async function readSocket(
  open: (onread: OnReadOpts) => Socket,
  { add, ready, isWhole, signal }: SocketReading,
): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const callback = (count: number, memory: Uint8Array): boolean => {
    try {
      add(Buffer.from(memory.buffer, memory.byteOffset, count));
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
    if (isWhole?.() === true) {
      socket.destroy();
      return false;
    }
    const waiting = ready();
    waiting?.then(
      () => socket.resume(),
      (error: Error) => socket.destroy(error),
    );
    return waiting === undefined;
  };
  const socket = open({ buffer: Buffer.allocUnsafeSlow(READ), callback });
  const onAbort = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  socket.on('error', reject);
  socket.on('close', () => resolve());
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
