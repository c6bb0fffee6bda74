/** The exact figures of the environment, without a VM in between. */
import { describe, expect, it } from 'vitest'
import { EnvironmentError, type FrameContext } from './contractHost.ts'
import { createContract } from './creation.ts'
import { FrameEnvironment } from './frameEnvironment.ts'
import { runMessage } from './message.ts'
import { ALICE, address, newWorld, word } from './testing/puppet.ts'
import { newTransactionContext } from './transactionContext.ts'

const SELF = address(0x5e1fn)
const IDENTITY = address(4n)
const NOBODY = address(0x99999999n)

const environment = (change: Partial<FrameContext> = {}) => {
  const { state, block, config } = newWorld()
  state.setBalance(SELF, 1_000n)
  state.endTransaction()
  const context = newTransactionContext({ runMessage, createContract }, state, block, config, ALICE, 1n)
  const frame: FrameContext = {
    self: SELF,
    codeAddress: SELF,
    caller: ALICE,
    origin: ALICE,
    value: 0n,
    input: new Uint8Array(0),
    isStatic: false,
    depth: 0,
    reentrant: false,
    gasPrice: 1n,
    chainId: 1n,
    block,
    ...change,
  }
  return { state, env: new FrameEnvironment(context, frame) }
}

const refusal = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof EnvironmentError) return error.code
    throw error
  }
  return 'none'
}

const request = {
  kind: 'call',
  value: 0n,
  input: new Uint8Array(0),
  gasRequested: 2n ** 64n,
  gasLeft: 640_100n,
} as const

describe('a store', () => {
  it('needs more than 2300 gas (EIP-2200)', () => {
    expect(refusal(() => environment().env.storageStore(word(1n), word(1n), 2_300n))).toBe('out-of-gas')
    expect(environment().env.storageStore(word(1n), word(1n), 2_301n)).toEqual({ gas: 22_100n })
  })
  it('books refunds', () => {
    const { env, state } = environment()
    state.setStorage(SELF, word(1n), word(1n))
    state.endTransaction()
    expect(env.storageStore(word(1n), word(0n), 9_999n)).toEqual({ gas: 5_000n })
    expect(state.refund()).toBe(4_800n)
    env.storageStore(word(1n), word(2n), 9_999n)
    expect(state.refund()).toBe(0n)
  })
})

describe('reads', () => {
  it('are cold once', () => {
    const { env } = environment()
    expect([env.storageLoad(word(1n)).gas, env.storageLoad(word(1n)).gas]).toEqual([2_100n, 100n])
    expect([env.balance(NOBODY).gas, env.code(NOBODY).gas, env.codeSize(NOBODY).gas]).toEqual([2_600n, 100n, 100n])
    expect(env.codeHash(IDENTITY).gas).toBe(100n)
  })
})

describe('a call', () => {
  it('passes 63/64 of what is left after the fixed price', () => {
    const { env } = environment()
    // 640 000 after access: a precompile that runs out of gas takes all 630 000 it was given.
    const blake = env.call({ ...request, address: address(9n), input: new Uint8Array(213).fill(0xff) })
    expect(blake).toMatchObject({ success: false, gasUsed: 100n + 630_000n })
  })
  it('passes no more than was asked for', () => {
    const { env } = environment()
    const blake = env.call({
      ...request,
      address: address(9n),
      gasRequested: 7n,
      input: new Uint8Array(213).fill(0xff),
    })
    expect(blake.gasUsed).toBe(107n)
  })
  it('with value gives back an unused stipend', () => {
    const { env, state } = environment()
    expect(env.call({ ...request, address: NOBODY, value: 5n }).gasUsed).toBe(2_600n + 9_000n + 25_000n - 2_300n)
    expect(env.call({ ...request, address: NOBODY, value: 5n }).gasUsed).toBe(100n + 9_000n - 2_300n)
    expect(state.balance(NOBODY)).toBe(10n)
    expect(env.call({ ...request, address: NOBODY, value: 5_000n })).toMatchObject({ success: false, gasUsed: 6_800n })
  })
  it('cannot start without its fixed price', () => {
    expect(refusal(() => environment().env.call({ ...request, address: NOBODY, gasLeft: 2_599n }))).toBe('out-of-gas')
    expect(environment().env.call({ ...request, address: NOBODY, gasLeft: 2_600n })).toMatchObject({
      success: true,
      gasUsed: 2_600n,
    })
  })
  it('at the last depth fails and costs the fixed price only', () => {
    expect(environment({ depth: 127 }).env.call({ ...request, address: NOBODY })).toMatchObject({
      success: false,
      gasUsed: 2_600n,
    })
    expect(environment({ depth: 126 }).env.call({ ...request, address: NOBODY }).success).toBe(true)
  })
  it('that is no plain call carries no value', () => {
    const bad = () => environment().env.call({ ...request, kind: 'staticcall', address: NOBODY, value: 1n })
    expect(refusal(bad)).toBe('bad-request')
  })
})

describe('a creation', () => {
  const creation = { code: new Uint8Array(33), value: 0n, salt: null, gasLeft: 672_000n }
  it('costs 32000, and 6 for each word with a salt, before 63/64 are passed on', () => {
    expect(environment().env.create(creation).gasUsed).toBe(32_000n + 630_000n)
    const salted = environment().env.create({ ...creation, salt: word(1n), gasLeft: 672_012n })
    expect(salted.gasUsed).toBe(32_012n + 630_000n)
  })
  it('that cannot start costs that and leaves the nonce', () => {
    for (const { env, state } of [environment({ depth: 127 }), environment()]) {
      const value = env.frame.depth === 0 ? 5_000n : 0n
      expect(env.create({ ...creation, value })).toMatchObject({ address: null, gasUsed: 32_000n })
      expect(state.nonce(SELF)).toBe(0n)
    }
  })
  it('is impossible when the nonce has its greatest value (EIP-2681)', () => {
    const { env, state } = environment()
    state.setNonce(SELF, 2n ** 64n - 1n)
    expect(env.create(creation)).toMatchObject({ address: null, gasUsed: 32_000n })
  })
})

describe('a log', () => {
  it('is refused with too many topics or short ones', () => {
    const { env } = environment()
    expect(refusal(() => env.emitLog(Array(5).fill(word(0n)), new Uint8Array(0)))).toBe('bad-request')
    expect(refusal(() => env.emitLog([new Uint8Array(31)], new Uint8Array(0)))).toBe('bad-request')
    expect(env.emitLog([word(1n)], new Uint8Array(10))).toEqual({ gas: 830n })
  })
})
