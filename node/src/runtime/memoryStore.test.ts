import { describe } from 'vitest'
import { keyValueStoreSuite } from './keyValueStoreSuite.ts'
import { createMemoryStore } from './memoryStore.ts'

describe('memory store', () => {
  keyValueStoreSuite(async () => createMemoryStore())
})
