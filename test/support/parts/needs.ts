import { describe } from 'vitest';
import { type RequirementName, whyMissing } from './requirements.ts';

/**
 * `describe` for tests that need these parts: `needs('redis', 'docker')('a job', () => …)`. Where one can't be had
 * the tests are skipped and their title says why; on CI that is a failure instead.
 */
export function needs(...names: readonly RequirementName[]): (title: string, tests: () => void) => void {
  const reasons = names.map(whyMissing).filter((reason) => reason !== undefined);
  if (reasons.length === 0) return (title, tests) => void describe(title, tests);
  const reason = [...new Set(reasons)].join('; ');
  if (process.env.CI !== undefined) throw new Error(`CI must have every part, but ${reason}`);
  return (title, tests) => void describe.skip(`${title} [skipped: ${reason}]`, tests);
}
