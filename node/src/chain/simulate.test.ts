/** The bounds of a simulation, and a check that it leaves nothing behind; test/rpc/simulate.test.ts has its results. */
import { beforeAll, expect, test } from 'vitest'
import { createAddress } from '../execution/contractAddress.ts'
import { encodeInitCode } from '../execution/initCode.ts'
import { ARB_WASM_CACHE_ADDRESS } from '../execution/native/arbitrum/addresses.ts'
import { command, PUPPET_CODE } from '../execution/testing/puppet.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { type Chain, openChain } from './chain.ts'
import type { SimulatedCall, SimulationRequest } from './chainService.ts'
import type { CallView } from './queries.ts'
import { simulateAt } from './simulate.ts'
import { accounts, appendBlock, genesis, transaction } from './testing/fixtures.ts'

const from = accounts[0]!.address
const to = createAddress(from, 0n)
const bounds = { validation: false, traceTransfers: false, maxBlocks: 10, maxBytes: 1_000_000 }

let chain: Chain
beforeAll(async () => {
  chain = await openChain({ store: createMemoryStore(), genesis, engine: 'reference' })
  const deployment = { to: null, value: 0n, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 10_000_000n }
  await appendBlock(chain, [transaction(0, 0, deployment)])
})

function simulate(
  blocks: readonly (readonly SimulatedCall[])[],
  more: Partial<SimulationRequest> = {},
  gasCap?: bigint,
) {
  const { head, base, database, config } = chain
  const view: CallView = {
    head,
    base,
    database,
    config,
    gasCap,
    stateAt: (header) => chain.stateAt(header),
    expectState() {},
  }
  const asked = blocks.map((calls) => ({ overrides: {}, stateOverrides: [], calls }))
  return simulateAt(view, { ...bounds, ...more, blocks: asked }, 'latest')
}

test('all calls of all blocks together spend at most the cap', () => {
  const loop = { from, to, data: command.loop() }
  const one = simulate([[loop]], {}, 150_000n)
  expect(one).toMatchObject({ blocks: [{ calls: [{ kind: 'failure', gasUsed: 150_000n }] }] })
  const two = simulate([[{ ...loop, gas: 100_000n }], [loop]], {}, 150_000n)
  expect(two).toMatchObject({ blocks: [{}, { calls: [{ kind: 'failure', gasUsed: 50_000n }] }] })
  expect(simulate([[loop], [loop]], {}, 150_000n)).toMatchObject({ kind: 'refused', code: 'intrinsic-gas-too-low' })
})

test('what they return and log is bounded', () => {
  const big = { from, to, data: command.revert(new Uint8Array(3_000)) }
  expect(simulate([[big, big]], { maxBytes: 6_000 }).kind).toBe('simulated')
  const tooMuch = () => simulate([[big], [big]], { maxBytes: 5_999 })
  expect(tooMuch).toThrow(expect.objectContaining({ name: 'ChainError', code: 'answer-too-large' }))
  expect(tooMuch).toThrow(/^response too large.*maxResponseLength/)
})

test('blocks in between count', () => {
  const { number } = chain.head.header
  const far = (by: bigint) => {
    const blocks = [{ overrides: { number: number + by }, stateOverrides: [], calls: [] }]
    const { head, base, database, config } = chain
    const view: CallView = {
      head,
      base,
      database,
      config,
      stateAt: (header) => chain.stateAt(header),
      expectState() {},
    }
    return simulateAt(view, { ...bounds, blocks }, 'latest')
  }
  expect(far(10n)).toMatchObject({ kind: 'simulated', blocks: { length: 10 } })
  expect(far(11n)).toMatchObject({ kind: 'refused', code: 'too-many-blocks' })
})

test('a code that a simulated block loads is warm from the next one on', () => {
  const { head, base, database, config } = chain
  const view: CallView = { head, base, database, config, stateAt: (header) => chain.stateAt(header), expectState() {} }
  const call = { from, to, data: command.load(1n) }
  const nothingWarm = [{ address: ARB_WASM_CACHE_ADDRESS, state: [] }]
  const blocks = [
    { overrides: {}, stateOverrides: nothingWarm, calls: [call, call] },
    { overrides: {}, stateOverrides: [], calls: [call] },
  ]
  const outcome = simulateAt(view, { ...bounds, blocks }, 'latest')
  if (outcome.kind !== 'simulated') throw new Error(outcome.message)
  const [[first, second], [third]] = outcome.blocks.map(({ calls }) => calls.map(({ gasUsed }) => gasUsed)) as [
    [bigint, bigint],
    [bigint],
  ]
  expect(second).toBe(first)
  expect(third).toBeLessThan(first)
})

test('nothing stays: neither of blocks that came to be, nor of a simulation that was given up', () => {
  const store = { from, to, data: command.store(1n, 1n) }
  const before = chain.stateAt(chain.head.header)
  const seen = () => [before.nonce(from), before.balance(from), chain.stateAt(chain.head.header).nonce(from)]
  const was = seen()
  expect(simulate([[store]]).kind).toBe('simulated')
  expect(simulate([[store, { ...store, gas: 1n }]]).kind).toBe('refused')
  expect(seen()).toEqual(was)
})
