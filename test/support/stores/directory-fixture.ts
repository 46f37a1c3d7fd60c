import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from '@dimgx/core';
import { inject } from 'vitest';
import type { StoreFixture } from './store-fixture.ts';

export async function directoryFixture(): Promise<StoreFixture> {
  const root = await mkdtemp(join(inject('runFolder'), 'store-'));
  const files = async () => {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .sort();
  };
  return {
    settings: {},
    open: () => openStore(`file:${root}`),
    keys: async () => (await files()).filter((file) => !file.startsWith('.incoming/')),
    unfinished: async () => (await files()).filter((file) => file.startsWith('.incoming/')),
    remove: () => rm(root, { recursive: true }),
  };
}
