import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**', '**/dist/**'];
const globalSetup = ['packages/testkit/src/test-server.ts'];

// Installs from the registry: only `npm run test:pack` asks for it.
const packProject =
  process.env.HEADRACE_TEST_PACK === undefined
    ? []
    : [
        {
          test: {
            name: 'pack',
            include: ['e2e/**/*.pack.test.ts'],
            exclude: ignored,
            testTimeout: 60_000,
            hookTimeout: 300_000,
          },
        },
      ];

// Minutes a test: only `npm run test:long` asks for it.
const longProject =
  process.env.HEADRACE_TEST_LONG === undefined
    ? []
    : [
        {
          test: {
            name: 'long',
            include: ['e2e/**/*.long.test.ts'],
            exclude: ignored,
            globalSetup,
            fileParallelism: false,
            testTimeout: 3_600_000,
            hookTimeout: 120_000,
          },
        },
      ];

/** Tiers, quickest first: no I/O, over HTTP to an emulated org, against a real PostgreSQL, whole processes. */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    teardownTimeout: 20_000,
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [...ignored, '**/*.pg.test.ts', '**/*.http.test.ts'],
          testTimeout: 10_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'http',
          include: ['packages/**/*.http.test.ts'],
          exclude: ignored,
          // No test changes a module's state, and loading the emulator takes longer than most of them.
          isolate: false,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'pg',
          include: ['packages/**/*.pg.test.ts'],
          exclude: ignored,
          globalSetup,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts'],
          exclude: ignored,
          globalSetup,
          // Several processes a file: one file at a time leaves them a core.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
      ...packProject,
      ...longProject,
    ],
  },
});
