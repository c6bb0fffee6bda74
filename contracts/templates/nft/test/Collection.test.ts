import { createTestChain, type TestChain, type TestContract } from '@touchstone/contracts/testing'
import '@touchstone/contracts/testing/matchers'
import type { Address } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Collection } from '../build/Collection.ts'

let chain: TestChain
let collection: TestContract<typeof Collection.abi>
let [alice, bob, carol]: readonly Address[] = []
beforeAll(async () => {
  chain = await createTestChain()
  ;[alice, bob, carol] = chain.accounts
})
beforeEach(async () => {
  collection = await chain.deploy(Collection, ['Stones', 'STN', 'https://stones.example/'])
  await collection.send.mint([alice!])
})
afterAll(() => chain.close())

it('mints for its owner alone, one after the other', async () => {
  await expect(collection.send.mint([bob!])).toEmit('Transfer', { to: bob, tokenId: 2n })
  await expect(collection.send.mint([bob!], { from: bob! })).toRevertWith('OwnableUnauthorizedAccount', [bob])
  expect(await collection.read.ownerOf([2n])).toBe(bob)
  expect(await collection.read.tokenURI([2n])).toBe('https://stones.example/2')
})

it('lets the owner of a token give it away, and nobody else', async () => {
  const stolen = collection.send.transferFrom([alice!, bob!, 1n], { from: bob! })
  await expect(stolen).toRevertWith('ERC721InsufficientApproval', [bob, 1n])
  await collection.send.transferFrom([alice!, bob!, 1n])
  expect(await collection.read.ownerOf([1n])).toBe(bob)
  expect(await collection.read.balanceOf([alice!])).toBe(0n)
})

it('lets an approved account move one token, and an operator all', async () => {
  await collection.send.approve([bob!, 1n])
  await collection.send.transferFrom([alice!, carol!, 1n], { from: bob! })
  expect(await collection.read.getApproved([1n])).toMatch(/^0x0+$/)
  await collection.send.setApprovalForAll([bob!, true], { from: carol! })
  await collection.send.safeTransferFrom([carol!, alice!, 1n, '0x'], { from: bob! })
  expect(await collection.read.ownerOf([1n])).toBe(alice)
})

it('asks a contract before it is sent a token', async () => {
  const deaf = await chain.deploy(Collection, ['Deaf', 'DEAF', ''])
  await expect(collection.send.safeTransferFrom([alice!, deaf.address, 1n, '0x'])).rejects.toThrow()
  expect(await collection.read.ownerOf([1n])).toBe(alice)
})

it('knows no token that was not minted', async () => {
  await expect(collection.read.ownerOf([9n])).rejects.toThrow('ERC721NonexistentToken')
  expect(await collection.read.supportsInterface(['0x80ac58cd'])).toBe(true)
  expect(await collection.read.supportsInterface(['0xffffffff'])).toBe(false)
})
