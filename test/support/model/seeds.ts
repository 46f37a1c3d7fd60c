import { expect, test } from 'vitest';

/** `DIMGX_SEED=4711` tries that seed alone; `DIMGX_SECONDS=600` goes on for so long, from seeds of its own. */
const { DIMGX_SEED, DIMGX_SECONDS } = process.env;

/**
 * A test with one seed after another, as many as there is time for: always the same ones, so that a run can be told
 * from the next by nothing but the machine's speed, unless more time is given. A failure tells its seed.
 */
export function forSeeds(title: string, seconds: number, body: (seed: number) => Promise<void>): void {
  const [first, time] =
    DIMGX_SECONDS === undefined ? [1, seconds] : [Date.now() % 1e9, Number(DIMGX_SECONDS)];
  test(title, { timeout: (time + 120) * 1000 }, async () => {
    const deadline = performance.now() + time * 1000;
    const one = DIMGX_SEED === undefined ? undefined : Number(DIMGX_SEED);
    let tried = 0;
    for (
      let seed = one ?? first;
      tried === 0 || (one === undefined && performance.now() < deadline);
      seed++, tried++
    ) {
      await body(seed).catch((error: unknown) => {
        throw new Error(`with DIMGX_SEED=${seed}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      });
    }
    expect(tried).toBeGreaterThan(0);
  });
}
