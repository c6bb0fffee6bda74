/** Controls of many operations: pieces that fit a block, and an end when nobody gets the answer. */
import { expect, it } from 'vitest'
import { MAX_DEV_BLOCK_GAS_LIMIT, MIN_DEV_BLOCK_GAS_LIMIT } from '../../execution/limits.ts'
import { DEFAULT_RPC_LIMITS, MAX_PIECE_OPERATIONS } from '../limits.ts'
import { METHODS } from '../registry.ts'

/** A node whose every operation gets a block. `reads`: how many accounts are looked up until the client goes. */
function node(gasLimit: bigint, { reads = Infinity, pieces = Infinity } = {}) {
  const sizes: number[] = []
  let read = 0
  const waiting = Array.from({ length: 3_000 }, (_, at) => ({ hash: new Uint8Array(32).fill(at) }))
  const chain = {
    genesis: { gasLimit },
    async account() {
      read++
      return null
    },
    code: async () => new Uint8Array(0),
  }
  const dev = {
    settings: () => ({ gasLimit: null }),
    async operate(operations: readonly unknown[]) {
      sizes.push(operations.length)
      return { ok: true, record: { failure: null }, block: 1n }
    },
  }
  const txpool = { content: () => ({ pending: new Map([['a', waiting]]), queued: new Map() }) }
  const isOver = () => read >= reads || sizes.length >= pieces
  const context = { backend: { dev, chain, txpool }, limits: DEFAULT_RPC_LIMITS, isOver } as never
  const call = async (name: string, ...params: unknown[]) => METHODS.get(name)!.call(context, params)
  return { call, sizes, read: () => read }
}

const state = (count: number) => {
  const accounts = Array.from({ length: count }, (_, at) => [`0x${at.toString(16).padStart(40, '0')}`, { nonce: 1 }])
  return `0x${Buffer.from(JSON.stringify({ accounts: Object.fromEntries(accounts) })).toString('hex')}`
}

it.each([
  ['anvil_dropAllTransactions', []],
  ['anvil_loadState', [state(3_000)]],
])('%s does its work in pieces that the block gas limit has room for', async (name, params) => {
  const large = node(MAX_DEV_BLOCK_GAS_LIMIT)
  await large.call(name, ...params)
  expect(large.sizes).toEqual([MAX_PIECE_OPERATIONS, MAX_PIECE_OPERATIONS, MAX_PIECE_OPERATIONS])
  const small = node(MIN_DEV_BLOCK_GAS_LIMIT)
  await small.call(name, ...params)
  expect([small.sizes.length, Math.max(...small.sizes)]).toEqual([600, 5])
})

it('ends between two pieces when nobody gets the answer any more', async () => {
  const left = node(MIN_DEV_BLOCK_GAS_LIMIT, { pieces: 2 })
  await expect(left.call('anvil_dropAllTransactions')).rejects.toThrow('piece 2 of 600, which are dropped')
  await expect(left.call('anvil_loadState', state(3_000))).rejects.toThrow('account 0 of 3000')
  expect(left.sizes).toEqual([5, 5])
})

it('looks up no more accounts of a state for a client that has gone', async () => {
  const { call, sizes, read } = node(MAX_DEV_BLOCK_GAS_LIMIT, { reads: 10 })
  await expect(call('anvil_loadState', state(1_000))).rejects.toThrow('account 10 of 1000, and nothing is loaded')
  expect([sizes, read()]).toEqual([[], 10])
})
