/**
 * A state as a chain of some age has it, in LevelDB in a temporary directory: many accounts, a contract with many slots.
 * Transactions run on it as in a block; `commit` hashes and writes what they changed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChainDatabase } from '../../src/chain/database.ts'
import { keys } from '../../src/chain/schema.ts'
import { bigintToBytes, concatBytes } from '../../src/codec/bytes.ts'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { executeTransaction } from '../../src/execution/executeTransaction.ts'
import type { EngineName, ExecutionConfig } from '../../src/execution/executionConfig.ts'
import { createProgramCache } from '../../src/execution/programCache.ts'
import type { StoreOperation } from '../../src/runtime/keyValueStore.ts'
import { openLevelStore } from '../../src/runtime/levelStore.ts'
import { type JournaledState, openState } from '../../src/state/journaledState.ts'
import { hashedKey } from '../../src/trie/keyHashes.ts'
import { EMPTY_TRIE_ROOT } from '../../src/types/accountCodec.ts'
import type { SenderTransaction } from '../../src/types/transaction.ts'
import { nanosecondsOf } from './stopwatch.ts'

export const BLOCK_GAS = 30_000_000n
export const CHAIN_ID = 31_337n
const ACCOUNTS = 100_000
const SLOTS = 100_000
/** Accounts and slots that go into the database at a time. */
const BATCH = 20_000
/** Before the keys of flat tables that nobody is to read. */
const BESIDE = Uint8Array.of(0xfe)

export const addressOf = (value: number | bigint): Uint8Array => bigintToBytes(BigInt(value), 20)
export const wordOf = (value: number | bigint): Uint8Array => bigintToBytes(BigInt(value), 32)
/** Address of the `i`-th account that exists. */
export const accountAt = (i: number): Uint8Array => keccak256(wordOf(i)).slice(0, 20)

export const SENDER = addressOf(0xa11ce)
/** Its first SLOTS slots, by number, hold something. */
export const STORE = addressOf(0x5707e)

/** The block that contracts see. */
export const BLOCK = {
  number: 1n,
  timestamp: 1_700_000_000n,
  coinbase: addressOf(0xee),
  gasLimit: BLOCK_GAS,
  baseFee: 7n,
  prevRandao: new Uint8Array(32),
}

export interface Ran {
  readonly gasUsed: bigint
  readonly nanoseconds: number
}

export interface World {
  readonly slots: number
  readonly accounts: number
  config: ExecutionConfig
  /** The state of the head; changes are lost unless committed. */
  open(): JournaledState
  /** Hashes and writes what changed, as the commit of a block does. */
  commit(state: JournaledState): Promise<void>
  /** The same work, after which the head is what it was: flat tables are written under other keys. */
  commitBeside(state: JournaledState): Promise<void>
  /** Runs a transaction of the sender with all of a block's gas. @throws Error when it does not succeed. */
  run(state: JournaledState, to: Uint8Array | null, data: Uint8Array, value?: bigint): Ran
  close(): Promise<void>
}

export async function openWorld(engine: EngineName, schedule: string, size = 1): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'touchstone-gas-'))
  const store = await openLevelStore(directory)
  const database = new ChainDatabase(store)
  let root = EMPTY_TRIE_ROOT
  const config: ExecutionConfig = { chainId: CHAIN_ID, schedule, engine, programs: createProgramCache() }

  const write = async (state: JournaledState, flatKey: (key: Uint8Array) => Uint8Array): Promise<Uint8Array> => {
    const changes = state.takeChanges()
    const operations: StoreOperation[] = []
    const put = (key: Uint8Array, value: Uint8Array | null) =>
      operations.push(value === null ? { type: 'del', key } : { type: 'put', key, value })
    for (const [hash, rlp] of changes.nodes) put(keys.node(hash), rlp)
    for (const [hash, code] of changes.codes) put(keys.code(hash), code)
    for (const [address, rlp] of changes.flatAccounts) put(flatKey(keys.flatAccount(hashedKey(address))), rlp)
    for (const [address, slot, value] of changes.flatSlots) {
      put(flatKey(keys.flatSlot(hashedKey(address), hashedKey(slot))), value)
    }
    await store.batch(operations, { sync: true })
    database.followNodes(changes)
    return changes.root
  }

  const world: World = {
    slots: Math.round(SLOTS * size),
    accounts: Math.round(ACCOUNTS * size),
    config,
    open: () => openState({ root, nodes: database, codes: database, flat: database.flat }),
    async commit(state) {
      root = await write(state, (key) => key)
    },
    async commitBeside(state) {
      await write(state, (key) => concatBytes(BESIDE, key))
    },
    run(state, to, data, value = 0n) {
      const tx = {
        transaction: {
          type: 2,
          chainId: CHAIN_ID,
          nonce: state.nonce(SENDER),
          maxPriorityFeePerGas: 1n,
          maxFeePerGas: 10n,
          gasLimit: BLOCK_GAS,
          to,
          value,
          data,
          accessList: [],
        },
        sender: SENDER,
        hash: new Uint8Array(32),
      } as unknown as SenderTransaction
      const run = () => executeTransaction(state, tx, BLOCK, BLOCK_GAS, world.config)
      let outcome: ReturnType<typeof run> | undefined
      const nanoseconds = nanosecondsOf(() => {
        outcome = run()
      })
      if (outcome === undefined) throw new Error('unreachable: it ran')
      if (!outcome.ok) throw new Error(outcome.error.message)
      const { receipt } = outcome
      if (receipt.receipt.status !== 1) throw new Error(receipt.failure?.message ?? 'the transaction failed')
      return { gasUsed: receipt.gasUsed, nanoseconds }
    },
    async close() {
      await store.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  await populate(world)
  return world
}

async function populate(world: World): Promise<void> {
  const first = world.open()
  first.setBalance(SENDER, 10n ** 30n)
  first.setNonce(STORE, 1n)
  first.endTransaction()
  await world.commit(first)
  for (let from = 0; from < world.accounts; from += BATCH) {
    const state = world.open()
    for (let i = from; i < Math.min(from + BATCH, world.accounts); i++)
      state.setBalance(accountAt(i), 1_000n + BigInt(i))
    for (let i = from; i < Math.min(from + BATCH, world.slots); i++) state.setStorage(STORE, wordOf(i), wordOf(i + 1))
    state.endTransaction()
    await world.commit(state)
  }
}
