import { DimgxError, errorCodes } from '@dimgx/core';
import { expect, test } from 'vitest';
import { ServiceError } from '../src/index.ts';

test.each(errorCodes)('%s may pass by itself as the engine says', (code) => {
  expect(new ServiceError(code, '').retryable).toBe(new DimgxError(code, '').retryable);
});
