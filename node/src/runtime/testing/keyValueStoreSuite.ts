/**
 * The conformance suite of {@link KeyValueStore}: whatever passes it can hold a chain. Run by each implementation's test.
 */
import { expect, test } from 'vitest'
import type { KeyRange, KeyValueStore, StoreOperation } from '../keyValueStore.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)
const put = (key: Uint8Array, value: Uint8Array): StoreOperation => ({ type: 'put', key, value })
const del = (key: Uint8Array): StoreOperation => ({ type: 'del', key })

async function keysOf(store: KeyValueStore, range: KeyRange): Promise<number[][]> {
  const keys: number[][] = []
  for await (const [key] of store.range(range)) keys.push([...key])
  return keys
}

/** `create` gives an empty store each time. */
export function keyValueStoreSuite(create: () => Promise<KeyValueStore>): void {
  const using = async (body: (store: KeyValueStore) => Promise<void>) => {
    const store = await create()
    try {
      await body(store)
    } finally {
      await store.close()
    }
  }

  test('gets what a batch put, as plain bytes, and undefined for what is absent', () =>
    using(async (store) => {
      await store.batch([put(bytes(1, 2), bytes(3, 4)), put(bytes(1), bytes())], { sync: true })
      const value = store.get(bytes(1, 2))!
      expect(value).toEqual(bytes(3, 4))
      expect(value.constructor).toBe(Uint8Array)
      expect(store.get(bytes(1))).toEqual(bytes())
      expect(store.get(bytes(2))).toBeUndefined()
      expect(store.get(bytes(1, 2, 0))).toBeUndefined()
    }))

  test('asked for many keys, answers in their order', () =>
    using(async (store) => {
      await store.batch([put(bytes(1), bytes(9)), put(bytes(3), bytes())], { sync: false })
      const keys = [bytes(3), bytes(2), bytes(1), bytes(3)]
      expect(await store.getMany(keys)).toEqual([bytes(), undefined, bytes(9), bytes()])
      expect((await store.getMany(keys))[2]!.constructor).toBe(Uint8Array)
      expect(await store.getMany([])).toEqual([])
    }))

  test('applies operations in order: the last one on a key wins', () =>
    using(async (store) => {
      const key = bytes(7)
      await store.batch([put(key, bytes(1)), del(key), put(key, bytes(2))], { sync: false })
      expect(store.get(key)).toEqual(bytes(2))
      await store.batch([put(key, bytes(3)), del(key)], { sync: false })
      expect(store.get(key)).toBeUndefined()
      await store.batch([del(bytes(99))], { sync: false })
      await store.batch([], { sync: true })
    }))

  test('does not see what the caller does to its buffers afterwards', () =>
    using(async (store) => {
      const key = bytes(1)
      const value = bytes(1)
      await store.batch([put(key, value)], { sync: true })
      key[0] = 2
      value[0] = 2
      expect(store.get(bytes(1))).toEqual(bytes(1))
      expect(store.get(bytes(2))).toBeUndefined()
    }))

  test('ranges are ordered by unsigned bytes, from inclusive, to exclusive', () =>
    using(async (store) => {
      const keys = [bytes(0xff), bytes(0x80), bytes(0x7f), bytes(0x80, 0), bytes(0x00), bytes(0x80, 0xff), bytes(0x81)]
      await store.batch(
        keys.map((key) => put(key, key)),
        { sync: false },
      )
      expect(await keysOf(store, { from: bytes(), to: bytes(0xff, 0) })).toEqual([
        [0x00],
        [0x7f],
        [0x80],
        [0x80, 0],
        [0x80, 0xff],
        [0x81],
        [0xff],
      ])
      expect(await keysOf(store, { from: bytes(0x80), to: bytes(0x81) })).toEqual([[0x80], [0x80, 0], [0x80, 0xff]])
      expect(await keysOf(store, { from: bytes(0x80), to: bytes(0x81), reverse: true, limit: 2 })).toEqual([
        [0x80, 0xff],
        [0x80, 0],
      ])
      expect(await keysOf(store, { from: bytes(0x01), to: bytes(0x7f) })).toEqual([])
      expect(await keysOf(store, { from: bytes(0x00), to: bytes(0xff), limit: 0 })).toEqual([])
    }))

  test('a range under way does not see later writes', () =>
    using(async (store) => {
      await store.batch([put(bytes(1), bytes(1)), put(bytes(2), bytes(2))], { sync: false })
      const seen: [number, number][] = []
      for await (const [key, value] of store.range({ from: bytes(0), to: bytes(9) })) {
        if (seen.length === 0) await store.batch([put(bytes(2), bytes(9)), put(bytes(3), bytes(3))], { sync: false })
        seen.push([key[0]!, value[0]!])
      }
      expect(seen).toEqual([
        [1, 1],
        [2, 2],
      ])
    }))

  test('holds large values and many keys', () =>
    using(async (store) => {
      const large = new Uint8Array(3_000_000).map((_, index) => (index * 31) & 0xff)
      const many = Array.from({ length: 2000 }, (_, index) =>
        put(bytes(5, index >> 8, index & 0xff), bytes(index & 0xff)),
      )
      await store.batch([put(bytes(4), large), ...many], { sync: true })
      expect(Buffer.compare(store.get(bytes(4))!, large)).toBe(0)
      expect((await keysOf(store, { from: bytes(5), to: bytes(6) })).length).toBe(2000)
    }))

  test('after close every use is the error `closed`', async () => {
    const store = await create()
    await store.close()
    expect(() => store.get(bytes(1))).toThrow(expect.objectContaining({ name: 'StoreError', code: 'closed' }))
    await expect(store.batch([put(bytes(1), bytes(1))], { sync: false })).rejects.toMatchObject({ code: 'closed' })
    await expect(keysOf(store, { from: bytes(0), to: bytes(1) })).rejects.toMatchObject({ code: 'closed' })
  })
}
