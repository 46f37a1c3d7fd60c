import { readFileSync } from 'node:fs';
import { DimgxError, errorCodes } from '@dimgx/core';
import { expect, test } from 'vitest';
import { statuses } from '../src/problems.ts';

const documented = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

test('docs/errors.md has each code, in their order, with its status and whether it passes', () => {
  const rows = documented
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, code, , , status, passes]) => [code, status, passes]);
  const known = errorCodes.map((code) => {
    const passes = new DimgxError(code, '').retryable ? 'yes' : 'no';
    return [`\`${code}\``, String(statuses[code]), passes];
  });
  expect(rows).toEqual(known);
});
