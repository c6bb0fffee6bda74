import { createTestChain, type TestChain, type TestContract } from '@touchstone/contracts/testing'
import '@touchstone/contracts/testing/matchers'
import { type Address, parseEther } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Auction } from '../build/Auction.ts'

const HOUR = 3_600

let chain: TestChain
let auction: TestContract<typeof Auction.abi>
let [seller, alice, bob]: readonly Address[] = []
beforeAll(async () => {
  chain = await createTestChain()
  ;[seller, alice, bob] = chain.accounts
})
beforeEach(async () => {
  auction = await chain.deploy(Auction, [HOUR])
})
afterAll(() => chain.close())

const bid = (from: Address, ether: string) => auction.send.bid([], { from, value: parseEther(ether) })

it('takes the higher bid, and gives back the lower one', async () => {
  await bid(alice!, '1')
  await expect(bid(bob!, '2')).toEmit('Bid', { bidder: bob, amount: parseEther('2') })
  await expect(bid(alice!, '2')).toRevertWith('BidTooLow', [parseEther('2'), parseEther('2')])
  expect(await auction.read.refundOf([alice!])).toBe(parseEther('1'))
  const withdraw = () => auction.send.withdraw([], { from: alice! })
  await expect(withdraw).toChangeBalance(chain, auction.address, -parseEther('1'))
  await expect(withdraw()).toRevertWith('NothingToWithdraw', [alice])
})

it('ends when its time is up, once, and pays the seller', async () => {
  await bid(alice!, '3')
  await expect(auction.send.end()).toRevertWith('AuctionRunning')
  await chain.increaseTime(HOUR)
  await expect(bid(bob!, '4')).toRevertWith('AuctionOver')
  const end = () => auction.send.end([], { from: bob! })
  await expect(end).toChangeBalance(chain, seller!, parseEther('3'))
  await expect(end()).toRevertWith('AlreadyEnded')
  expect(await auction.read.highestBidder()).toBe(alice)
})

it('ends without a bid too', async () => {
  await chain.increaseTime(HOUR)
  await expect(auction.send.end()).toEmit('Ended', { amount: 0n })
})
