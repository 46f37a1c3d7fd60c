import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

/** The stream's bytes with whatever compression their first bytes tell of undone. */
export async function* decompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < 6) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const all = Readable.from(
    (async function* () {
      if (head.length > 0) yield head;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
    })(),
  );
  yield* decoded(all, head.toString('latin1', 0, 6));
}

function decoded(all: Readable, head: string): AsyncIterable<Uint8Array> {
  if (head.startsWith('\x1f\x8b')) return piped(all, createGunzip());
  if (head.startsWith('\x28\xb5\x2f\xfd')) return piped(all, createZstdDecompress());
  if (head.startsWith('\xfd7zXZ\0')) return throughCommand(all, 'xz');
  if (head.startsWith('BZh')) return throughCommand(all, 'bzip2');
  return all;
}

function piped(all: Readable, decoder: NodeJS.ReadWriteStream & Readable): Readable {
  all.once('error', (error) => decoder.destroy(error));
  return all.pipe(decoder);
}

async function* throughCommand(all: Readable, command: string): AsyncGenerator<Uint8Array> {
  const child = spawn(command, ['-dc'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  all.pipe(child.stdin);
  yield* child.stdout;
  if ((await ended) !== 0) throw new Error(`${command} could not read the stream`);
}
