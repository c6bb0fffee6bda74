import { createTestChain, type TestChain, type TestContract } from '@touchstone/contracts/testing'
import '@touchstone/contracts/testing/matchers'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Counter } from '../build/Counter.ts'

let chain: TestChain
let counter: TestContract<typeof Counter.abi>
beforeAll(async () => {
  chain = await createTestChain()
})
beforeEach(async () => {
  counter = await chain.deploy(Counter, [5n])
})
afterAll(() => chain.close())

it('begins where it was told', async () => {
  expect(await counter.read.total()).toBe(5n)
})

it('counts, for everybody and for each', async () => {
  const [alice, bob] = chain.accounts
  await expect(counter.send.add([3n])).toEmit('Counted', { by: alice, total: 8n })
  await counter.send.add([2n], { from: bob! })
  expect(await counter.read.total()).toBe(10n)
  expect(await counter.read.countOf([bob!])).toBe(2n)
})

it('refuses more than 100 at once', async () => {
  await expect(counter.send.add([101n])).toRevertWith('TooMuch', [101n, 100n])
  expect(await counter.read.total()).toBe(5n)
})
