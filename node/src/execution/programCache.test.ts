import type { Contract } from '@touchstone/vm'
import { describe, expect, it } from 'vitest'
import { createProgramCache } from './programCache.ts'

const forgotten: Contract[] = []
const contract = (byteLength: number, functionCount = 0, declaredLocals = 0, declarations = 0): Contract => {
  const module = { byteLength, functionCount, declaredLocals, declarations }
  const made = { program: { module, forget: () => forgotten.push(made) } } as unknown as Contract
  return made
}

/** Of any program. */
const EACH = 65_536

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
    const cache = createProgramCache({ maxBytes: 2 * EACH + 3_200 })
    cache.set('a', contract(60))
    cache.set('b', contract(40))
    expect(cache.size()).toEqual({ entries: 2, bytes: 2 * EACH + 3_200 })
    cache.set('c', contract(1))
    expect(cache.size()).toEqual({ entries: 2, bytes: 2 * EACH + 32 * 41 })
    cache.set('d', contract(9_000))
    expect(cache.size()).toEqual({ entries: 1, bytes: EACH + 32 * 9_000 })
  })
  it('counts what a program takes in memory, not its module, and tells it when it goes', () => {
    const cache = createProgramCache({ maxBytes: EACH + 100_000 })
    const many = contract(1_000, 60)
    cache.set('many', many)
    expect(cache.size().bytes).toBe(EACH + 32_000 + 61_440)
    forgotten.length = 0
    cache.set('one', contract(1_000, 1))
    expect(cache.get('many')).toBeUndefined()
    expect(forgotten).toEqual([many])
  })
  it('counts what few bytes of a module declare', () => {
    const cache = createProgramCache()
    cache.set('a', contract(100, 0, 1_000_000, 30_000))
    expect(cache.size().bytes).toBe(EACH + 3_200 + 16_000_000 + 512 * 30_000)
  })
  it('counts a replaced entry once', () => {
    const cache = createProgramCache()
    cache.set('a', contract(60))
    cache.set('a', contract(50))
    expect(cache.size()).toEqual({ entries: 1, bytes: EACH + 32 * 50 })
  })
})
