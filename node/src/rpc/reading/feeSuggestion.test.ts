import { describe, expect, test } from 'vitest'
import { createFakeNode } from '../../../test/rpc/fakeNode.ts'
import { createHarness } from '../../../test/rpc/harness.ts'
import { baseFeeAfter } from '../../execution/baseFee.ts'
import { ExecutedBlock } from './executedBlock.ts'
import { suggestedTip, tipPercentiles } from './feeSuggestion.ts'

const GWEI = 1_000_000_000n

/** A block whose transactions bought this gas at these tips. */
function blockOf(bought: readonly (readonly [gas: bigint, tip: bigint])[], gasLimit = 1_000n): ExecutedBlock {
  const node = createFakeNode()
  const { block, receipts } = node.mine(bought.map((_, nonce) => [node.transaction(BigInt(nonce)), []]))
  const gasUsed = bought.reduce((sum, [gas]) => sum + gas, 0n)
  return new ExecutedBlock(
    { ...block, header: { ...block.header, gasUsed, gasLimit } },
    receipts.map((record, index) => {
      const [gas, tip] = bought[index]!
      return { ...record, gasUsed: gas, effectiveGasPrice: block.header.baseFeePerGas + tip }
    }),
  )
}

describe('percentiles', () => {
  test('of gas, not of transactions', () => {
    const block = blockOf([
      [100n, 5n],
      [300n, 1n],
      [100n, 9n],
    ])
    expect(tipPercentiles(block, [0, 60, 61, 80, 81, 100])).toEqual([1n, 1n, 5n, 5n, 9n, 9n])
  })

  test('leave out what paid less than the base fee: dev transactions cost nothing', () => {
    const block = blockOf([
      [500n, -3n],
      [100n, 5n],
      [100n, 9n],
    ])
    expect(tipPercentiles(block, [0, 50, 51, 100])).toEqual([5n, 5n, 9n, 9n])
    expect(tipPercentiles(blockOf([[500n, -3n]]), [0, 100])).toEqual([0n, 0n])
  })

  test('of an empty block are zeros', () => {
    expect(tipPercentiles(blockOf([]), [0, 100])).toEqual([0n, 0n])
  })
})

describe('the suggested tip', () => {
  const contextWith = (newest: ExecutedBlock) => {
    const { context, node } = createHarness()
    node.mine()
    return { ...context, blocks: { executed: async () => newest } as unknown as typeof context.blocks }
  }

  test('is 1 gwei while blocks have room, whatever was paid', async () => {
    expect(await suggestedTip(contextWith(blockOf([[899n, 50n * GWEI]])))).toBe(GWEI)
  })

  test('is the 60th percentile of a full block, and never below', async () => {
    const full = blockOf([
      [500n, 2n * GWEI],
      [400n, 7n * GWEI],
    ])
    expect(await suggestedTip(contextWith(full))).toBe(7n * GWEI)
    expect(await suggestedTip(contextWith(blockOf([[1_000n, 1n]])))).toBe(GWEI)
  })
})

test('the base fee of block 1 is the one the genesis names; after that the rule holds', () => {
  const { backend } = createFakeNode()
  const { genesis } = backend.chain
  const { header } = backend.chain.head()
  expect(baseFeeAfter(header, genesis)).toBe(genesis.baseFeePerGas)
  const empty = { ...header, number: 1n, gasUsed: 0n }
  expect(baseFeeAfter(empty, genesis)).toBe((genesis.baseFeePerGas * 7n) / 8n)
})
