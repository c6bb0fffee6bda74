import type { Contract } from '@touchstone/vm'
import { describe, expect, it } from 'vitest'
import { createProgramCache } from './programCache.ts'

const forgotten: Contract[] = []
const contract = (byteLength: number, functionCount = 0): Contract => {
  const made = {
    program: { module: { byteLength, functionCount }, forget: () => forgotten.push(made) },
  } as unknown as Contract
  return made
}

describe('the program cache', () => {
  it('forgets the longest unused when there are too many', () => {
    const cache = createProgramCache({ maxEntries: 2 })
    const [a, b, c] = [contract(1), contract(1), contract(1)]
    cache.set('a', a)
    cache.set('b', b)
    expect(cache.get('a')).toBe(a)
    cache.set('c', c)
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([a, undefined, c])
  })
  it('is bounded by bytes, but keeps what was put in last', () => {
    const cache = createProgramCache({ maxBytes: 3_200 })
    cache.set('a', contract(60))
    cache.set('b', contract(40))
    expect(cache.size()).toEqual({ entries: 2, bytes: 3_200 })
    cache.set('c', contract(1))
    expect(cache.size()).toEqual({ entries: 2, bytes: 32 * 41 })
    cache.set('d', contract(500))
    expect(cache.size()).toEqual({ entries: 1, bytes: 32 * 500 })
  })
  it('counts what a program takes in memory, not its module, and tells it when it goes', () => {
    const cache = createProgramCache({ maxBytes: 100_000 })
    const many = contract(1_000, 60)
    cache.set('many', many)
    expect(cache.size().bytes).toBe(32_000 + 61_440)
    forgotten.length = 0
    cache.set('one', contract(1_000, 1))
    expect(cache.get('many')).toBeUndefined()
    expect(forgotten).toEqual([many])
  })
  it('counts a replaced entry once', () => {
    const cache = createProgramCache()
    cache.set('a', contract(60))
    cache.set('a', contract(50))
    expect(cache.size()).toEqual({ entries: 1, bytes: 32 * 50 })
  })
})
