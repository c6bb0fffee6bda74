import { describe, expect, it } from 'vitest'
import { toHex } from '../codec/hex.ts'
import type { StateChanges } from '../state/stateStore.ts'
import { FlatCache } from './flatCache.ts'

const address = (index: number) => new Uint8Array(20).fill(index)
const slot = (index: number) => new Uint8Array(32).fill(index)
const value = (index: number) => Uint8Array.of(index)
const nothing = { flatAccounts: [], flatSlots: [], wipedAccounts: [], wentBack: null }

/** Tables in memory, which count how often they are read. */
function tables() {
  const entries = new Map<string, Uint8Array>()
  const reads: string[] = []
  const read = (name: string) => {
    reads.push(name)
    return entries.get(name)
  }
  return {
    entries,
    reads,
    account: (who: Uint8Array) => read(toHex(who)),
    slot: (who: Uint8Array, key: Uint8Array) => read(toHex(who) + toHex(key)),
  }
}

describe('a cache of the flat tables', () => {
  it('reads an entry once, and once that there is none', () => {
    const under = tables()
    under.entries.set(toHex(address(1)), value(1))
    under.entries.set(toHex(address(1)) + toHex(slot(1)), value(2))
    const cache = new FlatCache(under)
    for (let time = 0; time < 3; time++) {
      expect(cache.account(address(1))).toEqual(value(1))
      expect(cache.account(address(2))).toBeUndefined()
      expect(cache.slot(address(1), slot(1))).toEqual(value(2))
      expect(cache.slot(address(1), slot(2))).toBeUndefined()
    }
    expect(under.reads).toHaveLength(4)
  })

  it('says what a block wrote, and no longer what it deleted', () => {
    const under = tables()
    under.entries.set(toHex(address(1)), value(1))
    const cache = new FlatCache(under)
    cache.account(address(1))
    cache.slot(address(2), slot(1))
    cache.follow({
      ...nothing,
      flatAccounts: [
        [address(1), null],
        [address(2), value(2)],
      ],
      flatSlots: [[address(2), slot(1), value(3)]],
    })
    expect(cache.account(address(1))).toBeUndefined()
    expect(cache.account(address(2))).toEqual(value(2))
    expect(cache.slot(address(2), slot(1))).toEqual(value(3))
    cache.follow({ ...nothing, flatSlots: [[address(2), slot(1), null]] })
    expect(cache.slot(address(2), slot(1))).toBeUndefined()
  })

  it.each<[string, Partial<StateChanges>]>([
    ['an account lost its storage', { wipedAccounts: [address(1)] }],
    ['the state went back', { wentBack: { accounts: [], slots: [] } }],
  ])('forgets what it knew when %s', (_, changes) => {
    const under = tables()
    const cache = new FlatCache(under)
    under.entries.set(toHex(address(1)) + toHex(slot(1)), value(1))
    cache.slot(address(1), slot(1))
    under.entries.clear()
    cache.follow({ ...nothing, ...changes, flatAccounts: [[address(1), value(7)]] })
    expect(cache.slot(address(1), slot(1))).toBeUndefined()
    expect(cache.account(address(1))).toEqual(value(7))
  })

  it('keeps two generations, and of the older one what is read', () => {
    const under = tables()
    const cache = new FlatCache(under, 4)
    for (let index = 0; index < 4; index++) cache.account(address(index))
    cache.account(address(4))
    cache.account(address(0))
    for (let index = 5; index < 8; index++) cache.account(address(index))
    under.reads.length = 0
    cache.account(address(0))
    expect(under.reads).toEqual([])
    cache.account(address(1))
    expect(under.reads).toEqual([toHex(address(1))])
  })

  it('has one value for an entry that it wrote again while it was in the older generation', () => {
    const cache = new FlatCache(tables(), 2)
    cache.follow({ ...nothing, flatAccounts: [[address(1), value(1)]] })
    cache.account(address(2))
    cache.account(address(3))
    cache.follow({ ...nothing, flatAccounts: [[address(1), value(9)]] })
    for (let index = 4; index < 6; index++) {
      expect(cache.account(address(1))).toEqual(value(9))
      cache.account(address(index))
    }
  })
})
