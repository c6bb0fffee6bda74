import { createTestChain, type TestChain, type TestContract } from '@touchstone/contracts/testing'
import '@touchstone/contracts/testing/matchers'
import { type Address, parseEther } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Exchange } from '../build/Exchange.ts'
import { Token } from '../build/Token.ts'

const SUPPLY = parseEther('1000')
const FAR = 2n ** 40n

let chain: TestChain
let exchange: TestContract<typeof Exchange.abi>
let [gold, silver]: readonly TestContract<typeof Token.abi>[] = []
let [alice, bob]: readonly Address[] = []
beforeAll(async () => {
  chain = await createTestChain()
  ;[alice, bob] = chain.accounts
})
beforeEach(async () => {
  gold = await chain.deploy(Token, ['Gold', 'GLD', SUPPLY])
  silver = await chain.deploy(Token, ['Silver', 'SLV', SUPPLY])
  exchange = await chain.deploy(Exchange, [gold.address, silver.address])
  for (const token of [gold, silver]) await token.send.approve([exchange.address, SUPPLY])
  await exchange.send.addLiquidity([100_000n, 400_000n, 0n, 0n, FAR])
})
afterAll(() => chain.close())

it('takes liquidity and counts shares', async () => {
  expect(await exchange.read.sharesOf([alice!])).toBe(199_000n)
  expect(await exchange.read.reserves()).toEqual([100_000n, 400_000n])
})

it('swaps at the price that it quotes', async () => {
  const quoted = await exchange.read.quote([gold!.address, 1_000n])
  await gold!.send.transfer([bob!, 1_000n])
  await gold!.send.approve([exchange.address, 1_000n], { from: bob! })
  await exchange.send.swap([gold!.address, 1_000n, quoted, FAR], { from: bob! })
  expect(await silver!.read.balanceOf([bob!])).toBe(quoted)
})

it('passes on why a token refuses', async () => {
  const swap = exchange.send.swap([gold!.address, 1_000n, 0n, FAR], { from: bob! })
  await expect(swap).toRevertWith('ERC20InsufficientAllowance', [exchange.address, 0n, 1_000n])
})
