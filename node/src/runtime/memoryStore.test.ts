import { describe } from 'vitest'
import { createMemoryStore } from './memoryStore.ts'
import { keyValueStoreSuite } from './testing/keyValueStoreSuite.ts'

describe('memory store', () => {
  keyValueStoreSuite(async () => createMemoryStore())
})
