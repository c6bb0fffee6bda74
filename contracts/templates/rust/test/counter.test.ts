import { readFileSync } from 'node:fs'
import { codeOf, initCodeOf } from '@touchstone/contracts'
import { createTestChain, type TestChain, type TestContract } from '@touchstone/contracts/testing'
import '@touchstone/contracts/testing/matchers'
import { parseAbi, toHex } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

const Counter = {
  contractName: 'Counter',
  abi: parseAbi([
    'event NumberChanged(address indexed by, uint256 number)',
    'function number() view returns (uint256)',
    'function setNumber(uint256 new_number)',
    'function increment()',
    'function greet(string name) view returns (string)',
  ]),
  bytecode: toHex(initCodeOf(codeOf(readFileSync(new URL('../build/counter.wasm', import.meta.url))), 'store')),
}

let chain: TestChain
let counter: TestContract<typeof Counter.abi>
beforeAll(async () => {
  chain = await createTestChain()
})
beforeEach(async () => {
  counter = await chain.deploy(Counter)
})
afterAll(() => chain.close())

it('counts', async () => {
  await expect(counter.send.setNumber([41n])).toEmit('NumberChanged', { by: chain.accounts[0], number: 41n })
  await counter.send.increment()
  expect(await counter.read.greet(['world'])).toBe('Hello, world! The number is 42.')
})

it('tells why it panics', async () => {
  const panicked = counter.send.setNumber([2n ** 64n])
  await expect(panicked).rejects.toThrow(/an argument of more than 64 bits \((src\/lib|counter)\.rs:\d+\)/)
})

it('refuses what is no function of its own', async () => {
  await expect(chain.send(counter.address, { data: '0x12345678' })).rejects.toThrow()
})
