import { describe, expect, test } from 'vitest';
import { type Layer, layer } from '../../../../../test/support/images/layer.ts';
import { flatten, listing } from '../flattened.ts';

/** The contents that files of these tables have. */
const contents = ['', 'one', 'two', 'three', 'new'];

interface Row {
  readonly rule: string;
  /** Oldest first. */
  readonly layers: readonly (Layer | Buffer)[];
  readonly tree: readonly string[];
}

/** A test for each rule: what its layers are flattened to. */
export function table(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    test.each(rows)('$rule', async ({ layers, tree }) => {
      const { tar } = await flatten(layers);
      expect(await listing(tar, contents)).toEqual(tree);
    });
  });
}

/** The lower layer of many rules. */
export const base = layer()
  .directory('d')
  .file('d/a', 'one')
  .directory('d/sub')
  .file('d/sub/b', 'two')
  .file('f', 'three');
