import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Processes and threads that tests start load the sources by themselves. Node takes the types out in WebAssembly; kept
// in a cache, that is done once, and not in each thread: V8 may abort when such threads come and go (nodejs/node#64500).
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/node');

/** Packages of this repository resolve to their sources, so that tests need no build. */
const conditions = ['dimgx-source', 'node', 'development|production'];

const resolution = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
};

/** Tests that stand here and need no server. */
const partless = [
  'test/architecture/**/*.test.ts',
  'test/support/images/**/*.test.ts',
  'test/support/tree/**/*.test.ts',
];

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    // Stopping the object gateway alone takes seconds.
    teardownTimeout: 60_000,
    // Many tests wait for processes: on two cores, vitest's own choice of one file at a time leaves one core idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        ...resolution,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts', 'bench/**/*.test.ts', ...partless],
          testTimeout: 20_000,
        },
      },
      {
        ...resolution,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: partless,
          globalSetup: 'test/support/parts/global-setup.ts',
          testTimeout: 60_000,
          // The first test that needs a real image waits until a Debian is installed and built upon.
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
