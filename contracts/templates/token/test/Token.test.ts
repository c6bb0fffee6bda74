import { createTestChain, type TestChain, type TestContract } from '@touchstone/contracts/testing'
import '@touchstone/contracts/testing/matchers'
import { checkInvariants } from '@touchstone/contracts/testing/properties'
import { type Address, maxUint256, parseEther } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Token } from '../build/Token.ts'

const SUPPLY = parseEther('1000')

let chain: TestChain
let token: TestContract<typeof Token.abi>
let [alice, bob, carol]: readonly Address[] = []
beforeAll(async () => {
  chain = await createTestChain()
  ;[alice, bob, carol] = chain.accounts
})
beforeEach(async () => {
  token = await chain.deploy(Token, ['My Token', 'MINE', SUPPLY])
})
afterAll(() => chain.close())

it('gives all to who deploys it', async () => {
  expect(await token.read.balanceOf([alice!])).toBe(SUPPLY)
  expect([await token.read.name(), await token.read.symbol(), await token.read.decimals()]).toEqual([
    'My Token',
    'MINE',
    18,
  ])
})

it('transfers', async () => {
  await expect(token.send.transfer([bob!, 7n])).toEmit('Transfer', { from: alice, to: bob, value: 7n })
  await expect(token.send.transfer([carol!, 8n], { from: bob! })).toRevertWith('ERC20InsufficientBalance', [
    bob,
    7n,
    8n,
  ])
})

it('lets others spend what they are allowed to', async () => {
  await token.send.approve([bob!, 10n])
  await token.send.transferFrom([alice!, carol!, 4n], { from: bob! })
  expect(await token.read.allowance([alice!, bob!])).toBe(6n)
  const more = token.send.transferFrom([alice!, carol!, 7n], { from: bob! })
  await expect(more).toRevertWith('ERC20InsufficientAllowance', [bob, 6n, 7n])
  await token.send.approve([bob!, maxUint256])
  await token.send.transferFrom([alice!, carol!, 7n], { from: bob! })
  expect(await token.read.allowance([alice!, bob!])).toBe(maxUint256)
})

it('is minted by its owner alone, and burnt by every holder', async () => {
  await expect(token.send.mint([bob!, 1n], { from: bob! })).toRevertWith('OwnableUnauthorizedAccount', [bob])
  await token.send.mint([bob!, 1n])
  await token.send.burn([1n], { from: bob! })
  expect(await token.read.totalSupply()).toBe(SUPPLY)
})

it('has as many tokens as its holders, whoever calls what', async () => {
  const addresses = chain.accounts.slice(0, 3)
  const invariants = {
    'the supply is the sum of the balances': async () => {
      const balances = await Promise.all(addresses.map((holder) => token.read.balanceOf([holder])))
      expect(balances.reduce((sum, balance) => sum + balance)).toBe(await token.read.totalSupply())
    },
  }
  const report = await checkInvariants(chain, token, invariants, { callers: addresses, addresses })
  expect(report['Token.transfer']).toBeDefined()
}, 60_000)
