import type { Contract } from '@touchstone/vm'
import { describe, expect, it } from 'vitest'
import { createProgramCache } from './programCache.ts'

const contract = (byteLength: number): Contract => ({ program: { module: { byteLength } } }) as unknown as Contract

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
    const cache = createProgramCache({ maxBytes: 100 })
    cache.set('a', contract(60))
    cache.set('b', contract(40))
    expect(cache.size()).toEqual({ entries: 2, bytes: 100 })
    cache.set('c', contract(1))
    expect(cache.size()).toEqual({ entries: 2, bytes: 41 })
    cache.set('d', contract(500))
    expect(cache.size()).toEqual({ entries: 1, bytes: 500 })
  })
  it('counts a replaced entry once', () => {
    const cache = createProgramCache()
    cache.set('a', contract(60))
    cache.set('a', contract(50))
    expect(cache.size()).toEqual({ entries: 1, bytes: 50 })
  })
})
