import { createTestChain, type TestChain } from '@touchstone/contracts/testing'
import '@touchstone/contracts/testing/matchers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Empty } from '../build/Empty.ts'

let chain: TestChain
beforeAll(async () => {
  chain = await createTestChain()
})
afterAll(() => chain.close())

it('belongs to the account that deployed it', async () => {
  const [, bob] = chain.accounts
  const contract = await chain.deploy(Empty, [], { from: bob! })
  expect(await contract.read.owner()).toBe(bob)
})
