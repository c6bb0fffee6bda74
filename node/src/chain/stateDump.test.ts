/** The state of a chain in dev mode by addresses and slots, and what no node of another chain keeps for it. */
import { describe, expect, it } from 'vitest'
import { bigintToBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { DEV_ADDRESS } from '../execution/dev/devStorage.ts'
import { PUPPET_CODE } from '../execution/testing/puppet.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { hashedKey } from '../trie/keyHashes.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { openChain } from './chain.ts'
import { keys } from './schema.ts'
import { stateDumpAt } from './stateDump.ts'
import { devGenesis, operate } from './testing/devFixtures.ts'
import { accounts, certificateOf, genesis, request, sendersOf, stranger } from './testing/fixtures.ts'

const contract = new Uint8Array(20).fill(0x55)
const word = (value: number) => bigintToBytes(BigInt(value), 32)
const MUCH = 10_000_000

async function append(chain: Awaited<ReturnType<typeof openChain>>, offered: readonly SenderTransaction[]) {
  const { block } = chain.build(request(chain.head, offered))
  const event = await chain.finalize(block, certificateOf(block), sendersOf(block, offered))
  for (const { failure } of event!.receipts) expect(failure).toBe(null)
}

it('writes an address or slot once, however often blocks change it', async () => {
  const store = createMemoryStore()
  const written: string[] = []
  const recording: typeof store = {
    ...store,
    batch(operations, options) {
      for (const { key } of operations) if (key[0] === keys.preimage(word(0))[0]) written.push(toHex(key))
      return store.batch(operations, options)
    },
  }
  const chain = await openChain({ store: recording, genesis: devGenesis, engine: 'reference' })
  // Those of block 0, which are written once more when they change first.
  written.length = 0
  const change = (value: number) =>
    operate({ kind: 'setStorage', address: contract, slot: word(4), value: word(value) })
  await append(chain, [operate({ kind: 'setBalance', address: contract, balance: 7n }), change(1)])
  for (const value of [2, 3, 4]) await append(chain, [change(value)])
  expect(new Set(written).size).toBe(written.length)
  expect(written).toContain(toHex(keys.preimage(hashedKey(word(4)))))
  expect(stateDumpAt(chain, 'latest', MUCH)!.accounts.map(({ address }) => toHex(address))).toContain(toHex(contract))
})

describe('the state of a chain in dev mode', () => {
  it('is told by addresses and slots, also after the chain went back', async () => {
    const chain = await openChain({ store: createMemoryStore(), genesis: devGenesis, engine: 'reference' })
    await append(chain, [operate({ kind: 'snapshot' })])
    // Of the block that goes back, too: its changes are made out from the tries.
    await append(chain, [
      operate({ kind: 'goBack', id: 1n }),
      operate(
        { kind: 'setCode', address: contract, code: PUPPET_CODE },
        { kind: 'setBalance', address: contract, balance: 7n },
        { kind: 'setStorage', address: contract, slot: word(3), value: word(9) },
        { kind: 'setStorage', address: contract, slot: word(4), value: word(1) },
      ),
    ])
    await append(chain, [
      operate(
        { kind: 'setStorage', address: contract, slot: word(4), value: word(0) },
        { kind: 'setBalance', address: stranger, balance: 5n },
        { kind: 'setNonce', address: stranger, nonce: 2n },
      ),
    ])
    const dump = stateDumpAt(chain, 'latest', MUCH)!
    expect(dump.number).toBe(3n)
    const byAddress = new Map(dump.accounts.map((account) => [toHex(account.address), account]))
    expect(byAddress.get(toHex(contract))).toEqual({
      ...{ address: contract, nonce: 0n, balance: 7n, code: PUPPET_CODE },
      storage: [[word(3), 9n]],
    })
    expect(byAddress.get(toHex(stranger))).toMatchObject({ nonce: 2n, balance: 5n, storage: [] })
    expect(byAddress.has(toHex(accounts[0]!.address))).toBe(true)
    expect(byAddress.has(toHex(DEV_ADDRESS))).toBe(false)
    // As it was at an earlier block.
    const before = stateDumpAt(chain, { number: 1n }, MUCH)!
    expect(before.accounts.map(({ address }) => toHex(address))).not.toContain(toHex(contract))
    expect(before.accounts.length).toBe(genesis.alloc.length)
  })

  it('has a bound, beyond which nothing is told', async () => {
    const chain = await openChain({ store: createMemoryStore(), genesis: devGenesis, engine: 'reference' })
    const slots = [1, 2, 3].map(
      (slot) => ({ kind: 'setStorage', address: contract, slot: word(slot), value: word(1) }) as const,
    )
    await append(chain, [operate(...slots)])
    const needed = 256 * (genesis.alloc.length + 1) + 144 * 3
    expect(stateDumpAt(chain, 'latest', needed)).not.toBe(null)
    expect(stateDumpAt(chain, 'latest', needed - 1)).toBe(null)
  })

  it('is not to be told by a node that has not made it, nor of a chain without dev mode', async () => {
    const chain = await openChain({ store: createMemoryStore(), genesis, engine: 'reference' })
    expect(() => stateDumpAt(chain, 'latest', MUCH)).toThrow(/does not know the address whose hash is 0x/)
  })
})
