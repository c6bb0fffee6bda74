import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Whole networks: four processes each that mostly wait for each other, after everything that needs one process only. */
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
          // What tests share is made there, and takes as long as they do.
          hookTimeout: 60_000,
          // Vitest would leave one core to itself.
          maxWorkers: availableParallelism(),
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
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
