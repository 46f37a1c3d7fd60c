import { closeSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Layer } from '../../../../test/support/images/layer.ts';
import { sha256 } from '../../../../test/support/images/test-image.ts';
import { defaultLimits } from '../../src/flatten/limits.ts';
import type { DiffId } from '../../src/image/digest.ts';
import { type LayerUsage, measureUsage, type UsageHost } from '../../src/inspect/measure-usage.ts';
import { openSpoolFile } from '../../src/spool-file.ts';

export const idle: UsageHost = { check: () => {}, progress: () => {} };

export interface TestLayer {
  readonly tar: Buffer;
  readonly blob: Buffer;
}

/** Measures layers, lowest precedence first, in this thread. */
export async function measured(layers: readonly TestLayer[], host = idle): Promise<LayerUsage[]> {
  const opened: number[] = [];
  try {
    const engineLayers = layers.map(({ tar, blob }, index) => {
      const fd = openSpoolFile(tmpdir());
      opened.push(fd);
      writeSync(fd, blob);
      return {
        blob: { fd, offset: 0, size: blob.length, diffId: sha256(tar) as DiffId },
        subject: `layer ${index}`,
      };
    });
    const task = { layers: engineLayers, limits: defaultLimits, spoolFolder: tmpdir(), lanes: 2 };
    return await measureUsage(task, host);
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/** A layer that is not compressed. */
export function plain(built: Layer): TestLayer {
  const tar = built.tar();
  return { tar, blob: tar };
}
