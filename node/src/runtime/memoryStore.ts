/** A {@link KeyValueStore} in memory: tests, simulations, replay, and a node that keeps nothing. */
import type { KeyRange, KeyValueStore, StoreOperation } from './keyValueStore.ts'
import { StoreError } from './storeError.ts'

interface Entry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** Starts empty. Keys and values are copied on the way in, so a caller may reuse its buffers. */
export function createMemoryStore(): KeyValueStore {
  const entries = new Map<string, Entry>()
  /** Keys in order; rebuilt by the first range after a write, since most users only get and put. */
  let sorted: string[] | null = null
  let closed = false

  const assertOpen = () => {
    if (closed) throw new StoreError('closed', 'The store in memory is closed.')
  }

  const apply = (operation: StoreOperation) => {
    const name = textOf(operation.key)
    if (operation.type === 'del') entries.delete(name)
    else entries.set(name, { key: copyOf(operation.key), value: copyOf(operation.value) })
  }

  return {
    get(key) {
      assertOpen()
      return entries.get(textOf(key))?.value
    },
    async getMany(keys) {
      assertOpen()
      return keys.map((key) => entries.get(textOf(key))?.value)
    },
    async *range({ from, to, reverse = false, limit = -1 }: KeyRange) {
      assertOpen()
      sorted ??= [...entries.keys()].sort(byCodeUnit)
      const first = textOf(from)
      const end = textOf(to)
      const names = sorted.slice(lowerBound(sorted, first), lowerBound(sorted, end))
      if (reverse) names.reverse()
      if (limit >= 0) names.length = Math.min(limit, names.length)
      // The entries as they are now, so that a write during the iteration does not show, as in LevelDB.
      for (const { key, value } of names.map((name) => entries.get(name)!)) yield [key, value] as const
    },
    async batch(operations) {
      assertOpen()
      for (const operation of operations) apply(operation)
      sorted = null
    },
    async close() {
      closed = true
    },
  }
}

function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes)
}

/** One code unit per byte: strings compare by code unit, so their order is the bytes' order. */
function textOf(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** Index of the first name that is not below `bound`. */
function lowerBound(names: readonly string[], bound: string): number {
  let low = 0
  let high = names.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (names[middle]! < bound) low = middle + 1
    else high = middle
  }
  return low
}
