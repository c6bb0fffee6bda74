/**
 * Reads and writes of the state in LevelDB, and plain transfers. What a block writes is hashed and committed at its end,
 * so the price of a store has to pay for that too: writes are measured with their share of the commit.
 */
import { watToWasm } from '@touchstone/vm/testing/wat'
import type { EngineName } from '../../src/execution/executionConfig.ts'
import { hookText } from './hookCases.ts'
import { hexText } from './hooks.ts'
import type { Row } from './row.ts'
import { processorNanosecondsOf } from './stopwatch.ts'
import { accountAt, addressOf, STORE, type World } from './world.ts'

const KEY = 0
const OTHER = 64

const STORE_CODE = {
  load: hookText({
    hooks: ['storage_load_bytes32'],
    body: `(call $storage_load_bytes32 (i32.const ${KEY}) (i32.const 256))`,
  }),
  store: hookText({
    hooks: ['storage_cache_bytes32', 'storage_flush_cache'],
    body: `(call $storage_cache_bytes32 (i32.const ${KEY}) (i32.const ${OTHER})) (call $storage_flush_cache (i32.const 1))`,
  }),
  clear: hookText({
    hooks: ['storage_cache_bytes32', 'storage_flush_cache'],
    body: `(call $storage_cache_bytes32 (i32.const ${KEY}) (i32.const 512)) (call $storage_flush_cache (i32.const 1))`,
  }),
  /** The first byte of the key makes slots that hold nothing. */
  create: hookText({
    hooks: ['storage_cache_bytes32', 'storage_flush_cache'],
    body: `(i32.store8 (i32.const 0) (i32.const 1))
      (call $storage_cache_bytes32 (i32.const ${KEY}) (i32.const ${OTHER})) (call $storage_flush_cache (i32.const 1))`,
  }),
}

const TURNS = 1_000

export interface StorageOptions {
  readonly engine: EngineName
  readonly rounds: number
  readonly wanted: (name: string) => boolean
}

export async function storageRows(world: World, { engine, rounds, wanted }: StorageOptions): Promise<Row[]> {
  const rows: Row[] = []
  const slot = async (name: string, code: string, turns: number) => {
    if (wanted(name)) rows.push(await contractRow(world, engine, name, code, turns, rounds))
  }
  await slot('load a cold slot', STORE_CODE.load, TURNS)
  await slot('store into a slot in use', STORE_CODE.store, TURNS)
  await slot('store into an empty slot', STORE_CODE.create, TURNS)
  await slot('clear a slot', STORE_CODE.clear, TURNS)
  if (!wanted('transfer')) return rows
  rows.push(await accountsRow(world, engine, rounds))
  rows.push(await transfersRow(world, engine, 'transfer to an account that exists', (i) => accountAt(i), rounds))
  rows.push(await transfersRow(world, engine, 'transfer to a new account', (i) => addressOf(0x7700_0000 + i), rounds))
  rows.push(await calldataRow(world, engine, rounds))
  return rows
}

/** The contract with the many slots gets other code; each round is a block of one transaction, which is not kept. */
async function contractRow(
  world: World,
  engine: EngineName,
  name: string,
  text: string,
  turns: number,
  rounds: number,
): Promise<Row> {
  const code = watToWasm(text)
  let best = Number.POSITIVE_INFINITY
  let gas = 0
  for (let round = 0; round < rounds; round++) {
    const costs: number[] = []
    const used: bigint[] = []
    for (const count of [0, turns]) {
      const state = world.open()
      state.setCode(STORE, code)
      state.endTransaction()
      const data = new Uint8Array(4)
      new DataView(data.buffer).setUint32(0, count, true)
      let gasUsed = 0n
      const time = await processorNanosecondsOf(() => {
        gasUsed = world.run(state, STORE, data).gasUsed
        return world.commitBeside(state)
      })
      costs.push(time)
      used.push(gasUsed)
    }
    best = Math.min(best, costs[1]! - costs[0]!)
    gas = Number(used[1]! - used[0]!) / turns
  }
  return { group: 'storage', name, engine, gas, nanoseconds: best / turns, ownNanoseconds: null }
}

/** Balances of accounts that the block has not seen. */
async function accountsRow(world: World, engine: EngineName, rounds: number): Promise<Row> {
  const count = 1_000
  const list = Array.from({ length: count }, (_, i) => hexText(accountAt(3 * i))).join('')
  const code = watToWasm(
    hookText(
      {
        hooks: ['account_balance'],
        body: '(call $account_balance (i32.add (i32.const 4096) (i32.mul (local.get $i) (i32.const 20))) (i32.const 256))',
      },
      `(data (i32.const 4096) "${list}")`,
    ),
  )
  const contract = addressOf(0xacc)
  let best = Number.POSITIVE_INFINITY
  let gas = 0
  for (let round = 0; round < rounds; round++) {
    const runs = [0, count].map((turns) => {
      const state = world.open()
      state.setNonce(contract, 1n)
      state.setCode(contract, code)
      state.endTransaction()
      const data = new Uint8Array(4)
      new DataView(data.buffer).setUint32(0, turns, true)
      return world.run(state, contract, data)
    })
    best = Math.min(best, runs[1]!.nanoseconds - runs[0]!.nanoseconds)
    gas = Number(runs[1]!.gasUsed - runs[0]!.gasUsed) / count
  }
  return {
    group: 'storage',
    name: 'balance of a cold account',
    engine,
    gas,
    nanoseconds: best / count,
    ownNanoseconds: null,
  }
}

async function transfersRow(
  world: World,
  engine: EngineName,
  name: string,
  to: (i: number) => Uint8Array,
  rounds: number,
): Promise<Row> {
  const count = 1_000
  let best = Number.POSITIVE_INFINITY
  let gas = 0n
  for (let round = 0; round < rounds; round++) {
    const state = world.open()
    gas = 0n
    const time = await processorNanosecondsOf(() => {
      for (let i = 0; i < count; i++) gas += world.run(state, to(count * round + i), new Uint8Array(0), 1n).gasUsed
      return world.commitBeside(state)
    })
    best = Math.min(best, time)
  }
  const perTransfer = { gas: Number(gas) / count, nanoseconds: best / count }
  return { group: 'transaction', name: `${name}, signature not counted`, engine, ...perTransfer, ownNanoseconds: null }
}

/** A transaction that carries much and does nothing with it. */
async function calldataRow(world: World, engine: EngineName, rounds: number): Promise<Row> {
  const data = new Uint8Array(100_000)
  let best = Number.POSITIVE_INFINITY
  let gas = 0
  for (let round = 0; round < rounds; round++) {
    const state = world.open()
    const ran = world.run(state, accountAt(7), data)
    best = Math.min(best, ran.nanoseconds)
    gas = Number(ran.gasUsed)
  }
  return {
    group: 'transaction',
    name: '100 000 zero bytes of calldata',
    engine,
    gas,
    nanoseconds: best,
    ownNanoseconds: null,
  }
}
