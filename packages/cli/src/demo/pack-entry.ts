import { pipeline } from 'node:stream/promises';
import type { Header, Pack } from 'tar-stream';

/** What an entry says of itself; its size is that of its content. */
export type EntryHeader = Partial<Header> & Pick<Header, 'name'>;

/** Adds an entry whose content is at hand. Rejects if the pack's output fails. */
export function packEntry(pack: Pack, header: EntryHeader, content: Buffer = Buffer.alloc(0)): Promise<void> {
  return new Promise((resolve, reject) => {
    const entry = pack.entry(header, content, (error) => (error ? reject(error) : resolve()));
    entry.on('error', reject);
  });
}

/** Adds an entry whose content comes in pieces, `header.size` bytes in all. */
export async function packStream(
  pack: Pack,
  header: EntryHeader & Pick<Header, 'size'>,
  content: AsyncIterable<Buffer>,
): Promise<void> {
  const entry = pack.entry(header);
  entry.on('error', () => {
    // A fault of the output may reach it after the pipeline has told of it.
  });
  await pipeline(content, entry);
}
