/**
 * Commits that were made ready against commits that were not: two chains get the same blocks and let the same states go at
 * the same moments, and have to write the same, byte for byte and in the same order.
 */
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, test } from 'vitest'
import { equalBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { createAddress } from '../execution/contractAddress.ts'
import type { DevOperation } from '../execution/dev/operations.ts'
import { encodeInitCode } from '../execution/initCode.ts'
import { command, PUPPET_CODE } from '../execution/testing/puppet.ts'
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { StoreError } from '../runtime/storeError.ts'
import type { Block } from '../types/block.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { type Chain, openChain } from './chain.ts'
import { keys } from './schema.ts'
import { devGenesis, operate } from './testing/devFixtures.ts'
import { accounts, certificateOf, request, sendersOf, transaction } from './testing/fixtures.ts'

/** Few, so that states go while their nodes come back. */
const KEPT_STATES = 2
const SLOTS = 4
const deployment = { to: null, value: 0n, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 5_000_000n }
const puppets = accounts.slice(0, 2).map(({ address }) => createAddress(address, 0n))

/** The account is empty then and goes, and its storage with it. */
const withoutAccount = (address: Uint8Array): readonly DevOperation[] => [
  { kind: 'setNonce', address, nonce: 0n },
  { kind: 'setBalance', address, balance: 0n },
  { kind: 'setCode', address, code: new Uint8Array(0) },
]

const textOf = (operation: StoreOperation): string =>
  operation.type === 'del' ? `del ${toHex(operation.key)}` : `${toHex(operation.key)}: ${toHex(operation.value)}`

/** A store that writes down what is written. While it holds, a write by which states go takes until it holds no more. */
function recording(store: KeyValueStore = createMemoryStore()) {
  const batches: string[][] = []
  let holding: PromiseWithResolvers<void> | null = null
  const isOfBlock = ({ key }: StoreOperation) => equalBytes(key, keys.head)
  const recorded: KeyValueStore = {
    ...store,
    async batch(operations, options) {
      batches.push(operations.map(textOf))
      if (!operations.some(isOfBlock)) await holding?.promise
      await store.batch(operations, options)
    },
  }
  const hold = () => {
    holding = Promise.withResolvers()
  }
  const goOn = () => {
    holding?.resolve()
    holding = null
  }
  return { store: recorded, batches, hold, goOn }
}

const open = (store: KeyValueStore) =>
  openChain({ store, genesis: devGenesis, engine: 'reference', keepStates: KEPT_STATES })

/** Values that come back in a few slots, and in dev mode states that do. */
function randomTransactions(random: Random, chain: Chain): SenderTransaction[] {
  const state = chain.stateAt(chain.head.header)
  const nonces = accounts.map(({ address }) => Number(state.nonce(address)))
  const made: SenderTransaction[] = []
  const what = random.below(12)
  if (what === 0) made.push(operate({ kind: 'snapshot' }))
  if (what === 1) made.push(operate({ kind: 'goBack', id: BigInt(1 + random.below(3)) }))
  if (what === 2) made.push(operate({ kind: 'setBalance', address: random.pick(puppets), balance: 1n }))
  if (what === 3) made.push(operate(...withoutAccount(random.pick(puppets))))
  if (what === 4) made.push(operate({ kind: 'setCode', address: random.pick(puppets), code: PUPPET_CODE }))
  for (let count = random.below(4); count > 0; count--) {
    const from = random.below(2)
    const store = command.store(BigInt(random.below(SLOTS)), BigInt(random.below(3)))
    const call = { to: random.pick(puppets), value: 0n, data: store, gasLimit: 400_000n }
    made.push(transaction(from, nonces[from]!++, call))
  }
  return made
}

async function commit(chain: Chain, block: Block, offered: readonly SenderTransaction[]): Promise<void> {
  await chain.finalize(block, certificateOf(block), sendersOf(block, offered))
}

async function bothBegun(prepared: KeyValueStore, plain: KeyValueStore): Promise<[Chain, Chain]> {
  const chains: [Chain, Chain] = [await open(prepared), await open(plain)]
  for (const chain of chains) {
    const offered = [transaction(0, 0, deployment), transaction(1, 0, deployment)]
    await commit(chain, chain.build(request(chain.head, offered)).block, offered)
  }
  return chains
}

describe('a commit that was made ready', () => {
  test.each([1, 2, 3])('writes what one that was not writes, whatever came between, from seed %i', async (seed) => {
    const random = seededRandom(seed)
    const [prepared, plain] = [recording(), recording()]
    const chains = await bothBegun(prepared.store, plain.store)
    for (let round = 0; round < 80; round++) {
      const offered = randomTransactions(random, chains[1])
      const other = random.below(5) === 0 ? randomTransactions(random, chains[1]) : null
      const decidesOther = random.below(2) === 0
      const goBefore = random.below(4) === 0
      const goes = random.pick(['not', 'beside', 'after', 'before the commit in its turn'])
      for (const [index, chain] of chains.entries()) {
        const { hold, goOn } = [prepared, plain][index]!
        const prepare = () => (index === 0 ? chain.prepareCommit() : null)
        if (goBefore) await chain.pruneStates()
        const built = chain.build(request(chain.head, offered)).block
        if (goes === 'beside') await Promise.all([prepare(), chain.pruneStates()])
        else if (goes !== 'before the commit in its turn') await prepare()
        // Of another round; what was made ready is of this one then, whichever is decided.
        const ofOther = other === null ? null : chain.build(request(chain.head, other)).block
        if (other !== null) await prepare()
        const isOther = ofOther !== null && decidesOther
        const [block, its] = isOther ? [ofOther, other!] : [built, offered]
        if (goes === 'after') await chain.pruneStates()
        if (goes === 'before the commit in its turn') {
          hold()
          const gone = chain.pruneStates()
          for (let turn = 0; turn < 20; turn++) await Promise.resolve()
          await prepare()
          const committed = commit(chain, block, its)
          for (let turn = 0; turn < 20; turn++) await Promise.resolve()
          goOn()
          await Promise.all([gone, committed])
        } else await commit(chain, block, its)
      }
      expect(prepared.batches).toEqual(plain.batches)
    }
    expect(chains[0].states.letGo).toBeGreaterThan(100)
    for (const chain of chains) await chain.close()
  })

  test('reads nothing of the store for the block any more, and wrote nothing before', async () => {
    const disk = createMemoryStore()
    let reads = 0
    const { store, batches } = recording({
      ...disk,
      get: (key) => {
        reads += 1
        return disk.get(key)
      },
      getMany: (all) => {
        reads += 1
        return disk.getMany(all)
      },
    })
    const [chain] = await bothBegun(store, createMemoryStore())
    const { length } = batches
    const offered = [transaction(0, 1)]
    const { block } = chain.build(request(chain.head, offered))
    await chain.prepareCommit()
    expect(batches).toHaveLength(length)
    reads = 0
    const committed = await chain.finalize(block, certificateOf(block), sendersOf(block, offered))
    expect(reads).toBe(0)
    expect(committed!.encodedReceipts).toEqual(chain.database.rawReceipts(2n))
  })

  test('is made when it is committed where the store could not be read before', async () => {
    const disk = createMemoryStore()
    let failure: Error | null = null
    const failing: KeyValueStore = {
      ...disk,
      get(key) {
        if (failure !== null && key[0] === keys.node(new Uint8Array(32))[0]) throw failure
        return disk.get(key)
      },
    }
    const [prepared, plain] = [recording(failing), recording()]
    const chains = await bothBegun(prepared.store, plain.store)
    const offered = [transaction(0, 1)]
    const built = chains.map((chain) => chain.build(request(chain.head, offered)).block)
    failure = new StoreError('io', 'the disk')
    await chains[0].prepareCommit()
    failure = new Error('a bug')
    await expect(chains[0].prepareCommit()).rejects.toThrow('a bug')
    failure = null
    for (const [index, chain] of chains.entries()) await commit(chain, built[index]!, offered)
    expect(prepared.batches).toEqual(plain.batches)
  })
})
