/** A database that is not whole, not ours, or not of this layout is refused with a sentence, and left as it is. */
import { describe, expect, test } from 'vitest'
import { toHex } from '../codec/hex.ts'
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { type Chain, openChain } from './chain.ts'
import { BLOCKS_CHECKED_AT_START } from './limits.ts'
import { encodeFormat, encodeHead } from './records.ts'
import { keys, SCHEMA_VERSION } from './schema.ts'
import { accounts, appendBlock, genesis, transaction } from './testing/fixtures.ts'

const open = (store: KeyValueStore, given = genesis) => openChain({ store, genesis: given, engine: 'reference' })

/** A store with blocks 0 to 3, and the chain that wrote them, which is not closed. */
async function written(): Promise<{ store: KeyValueStore; chain: Chain }> {
  const store = createMemoryStore()
  const chain = await open(store)
  for (let nonce = 0; nonce < 3; nonce++) await appendBlock(chain, [transaction(0, nonce)])
  return { store, chain }
}

async function contents(store: KeyValueStore): Promise<string[]> {
  const all: string[] = []
  const range = { from: new Uint8Array(0), to: new Uint8Array(64).fill(0xff) }
  for await (const [key, value] of store.range(range)) all.push(`${toHex(key)} ${toHex(value)}`)
  return all
}

const put = (key: Uint8Array, value: Uint8Array): StoreOperation => ({ type: 'put', key, value })
const del = (key: Uint8Array): StoreOperation => ({ type: 'del', key })

describe('opening', () => {
  test('an empty store writes block 0 once; a written one is read and not written', async () => {
    const { store, chain } = await written()
    const before = await contents(store)
    const again = await open(store)
    expect(again.head).toEqual(chain.head)
    expect(again.stateAt(again.head.header).nonce(accounts[0]!.address)).toBe(3n)
    expect(await contents(store)).toEqual(before)
  })

  test('another genesis is refused and nothing overwritten', async () => {
    const { store, chain } = await written()
    const before = await contents(store)
    const other = { ...genesis, timestamp: genesis.timestamp + 1n }
    await expect(open(store, other)).rejects.toMatchObject({
      name: 'DatabaseError',
      code: 'other-genesis',
      message: expect.stringContaining(toHex(chain.genesisHash)),
    })
    expect(await contents(store)).toEqual(before)
  })

  test('another layout is refused by its version', async () => {
    const { store, chain } = await written()
    const format = encodeFormat({ version: SCHEMA_VERSION + 1, genesisHash: chain.genesisHash })
    await store.batch([put(keys.format, format)], { sync: false })
    await expect(open(store)).rejects.toMatchObject({
      code: 'other-version',
      message: expect.stringMatching(
        /layout version 5, this program reads and writes versions 2 to 4\. Run the program/,
      ),
    })
  })

  test('looks below the head as far as it says', async () => {
    const store = createMemoryStore()
    const chain = await open(store)
    const depth = Number(BLOCKS_CHECKED_AT_START)
    for (let count = 0; count < depth + 2; count++) await appendBlock(chain, [])
    await store.batch([del(keys.block(1n))], { sync: false })
    await open(store)
    await store.batch([del(keys.block(2n))], { sync: false })
    await expect(open(store)).rejects.toMatchObject({ code: 'damaged' })
  })
})

test('a block of another chain in the place of one of ours is found by its links', async () => {
  const { store } = await written()
  const other = createMemoryStore()
  const chain = await open(other)
  for (let nonce = 0; nonce < 2; nonce++) await appendBlock(chain, [transaction(1, nonce)])
  const records = [keys.header(2n), keys.block(2n), keys.node(chain.head.header.stateRoot)]
  await store.batch(
    records.map((key) => put(key, other.get(key)!)),
    { sync: false },
  )
  await expect(open(store)).rejects.toThrow('block 3 does not follow block 2: its parent is another block')
})

describe('damage is said, with what to do', () => {
  const cases: readonly [string, (chain: Chain) => StoreOperation, RegExp][] = [
    ['no head', () => del(keys.head), /the record of the newest block is missing/],
    ['no format', () => del(keys.format), /it has blocks, but no record of their format/],
    ['a head without a header', () => del(keys.header(3n)), /the header of the newest block, 3, is missing/],
    [
      'a head that is another block',
      () => put(keys.head, encodeHead({ number: 3n, hash: new Uint8Array(32) })),
      /the newest block should be 0x0000/,
    ],
    ['a head of the wrong length', () => put(keys.head, new Uint8Array(3)), /a head record has 3 bytes instead of 40/],
    ['no contents', () => del(keys.block(2n)), /the contents of block 2 are missing/],
    ['no certificate', () => del(keys.certificate(1n)), /block 1 has no certificate/],
    ['a missing block', () => del(keys.header(1n)), /block 1 is missing/],
    [
      'no state root',
      ({ head }) => del(keys.node(head.header.stateRoot)),
      /the state root 0x[0-9a-f]{64} of block 3 is missing/,
    ],
    ['no flat root', () => del(keys.flatRoot), /the flat state is missing, block 3 has root 0x/],
    ['a flat table of another block', () => put(keys.flatRoot, new Uint8Array(32)), /the flat state is at root 0x0000/],
    [
      'a header that is not its hash’s',
      ({ database }) => {
        const record = database.store.get(keys.header(2n))!.slice()
        record[record.length - 1]! ^= 1
        return put(keys.header(2n), record)
      },
      /the header of block 2 does not have its hash/,
    ],
    [
      'a header of other bytes',
      () => put(keys.header(2n), new Uint8Array(50)),
      /the header of block 2 cannot be decoded/,
    ],
  ]
  test.each(cases)('%s', async (_, damage, message) => {
    const { store, chain } = await written()
    await store.batch([damage(chain)], { sync: false })
    const opening = open(store)
    await expect(opening).rejects.toMatchObject({ name: 'DatabaseError', code: 'damaged' })
    await expect(opening).rejects.toThrow(message)
    await expect(opening).rejects.toThrow('Move the data directory away and start again')
  })
})
