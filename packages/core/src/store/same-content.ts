import type { FileHandle } from 'node:fs/promises';

const blockSize = 1024 * 1024;

/** Whether two open files hold the same bytes. */
export async function sameContent(one: FileHandle, other: FileHandle): Promise<boolean> {
  const { size } = await one.stat();
  if ((await other.stat()).size !== size) return false;
  const [block, otherBlock] = [Buffer.alloc(blockSize), Buffer.alloc(blockSize)];
  for (let position = 0; position < size; position += blockSize) {
    const length = Math.min(blockSize, size - position);
    await readFully(one, block, length, position);
    await readFully(other, otherBlock, length, position);
    if (block.compare(otherBlock, 0, length, 0, length) !== 0) return false;
  }
  return true;
}

async function readFully(file: FileHandle, block: Buffer, length: number, position: number): Promise<void> {
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(block, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new Error('a file became shorter while it was read');
    filled += bytesRead;
  }
}
