import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{vm,node,contracts,devnet,scripts}/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/build/**'],
    testTimeout: 30_000,
  },
})
