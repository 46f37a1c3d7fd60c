import { describe, expect, test } from 'vitest';
import { emptinessWarning, orderWarning } from '../src/commands/choice-warnings.ts';

const turned =
  "older layers override newer ones, by the order of -l; the image's own order is -l OLDEST:NEWEST";

test.each<[string, string[], number[], string | undefined]>([
  ['all layers', [], [0, 1, 2], undefined],
  ['all layers, turned round by -r alone', [], [2, 1, 0], undefined],
  ['some layers in the order of the image', ['@2:@0'], [0, 1, 2], undefined],
  ['one layer', ['@0'], [2], undefined],
  ['a range from the newest', ['@0:@2'], [2, 1, 0], turned],
  ['one that is out of place', ['@2', '@0', '@1'], [0, 2, 1], turned],
  ['no layer', ['@9'], [], undefined],
])('of the order of %s', (_of, specs, indices, warning) => {
  expect(orderWarning({ specs, indices, hasPatterns: false })).toBe(warning);
});

describe('an empty tar', () => {
  const counts = { files: 0, directories: 0, symlinks: 0, hardlinks: 0, devices: 0, removed: 3, shadowed: 0 };
  const noPattern = { specs: [], indices: [0], hasPatterns: false };

  test('is what an image without entries gives', () => {
    expect(emptinessWarning(noPattern, { entries: counts })).toBeUndefined();
  });

  test('is told where no layer was chosen', () => {
    const warning = emptinessWarning({ ...noPattern, specs: ['@9'], indices: [] }, { entries: counts });
    expect(warning).toBe('no layer was chosen: the tar is empty');
  });

  test('is told where patterns left nothing', () => {
    const warning = emptinessWarning({ ...noPattern, hasPatterns: true }, { entries: counts });
    expect(warning).toBe('nothing is left by --include and --exclude: the tar is empty');
  });

  test.each(['files', 'directories', 'symlinks', 'hardlinks', 'devices'])('is none with %s', (kind) => {
    const entries = { ...counts, [kind]: 1 };
    expect(emptinessWarning({ ...noPattern, hasPatterns: true }, { entries })).toBeUndefined();
  });
});
