import { defineConfig } from 'vitest/config'

/** Whole networks: four processes each, so one file at a time, after everything that needs one process only. */
const networks = ['devnet/test/e2e/**/*.test.ts']
const never = ['**/node_modules/**', '**/build/**']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'parts',
          include: ['{vm,node,contracts,devnet,scripts}/**/*.test.ts'],
          exclude: [...never, ...networks],
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'networks',
          include: networks,
          exclude: never,
          testTimeout: 240_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
