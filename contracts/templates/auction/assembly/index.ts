/**
 * An English auction: the highest bid wins, the seller gets it when the time is up, and who was outbid takes the money
 * back. Money is fetched and never sent along, so no bidder can hold up another one.
 */

import { Address, block, emit, Indexed, Mapping, msg, sendValue, U256 } from '@touchstone/contracts/as'

@event
class Bid {
  constructor(public bidder: Indexed<Address>, public amount: U256) {}
}
@event
class Ended {
  constructor(public winner: Indexed<Address>, public amount: U256) {}
}

@error
class BidTooLow {
  constructor(public amount: U256, public highest: U256) {}
}
@error
class AuctionOver {
  constructor(public endsAt: u64) {}
}
@error
class AuctionRunning {
  constructor(public endsAt: u64) {}
}
@error
class AlreadyEnded {
  constructor() {}
}
@error
class NothingToWithdraw {
  constructor(public account: Address) {}
}

@contract
export class Auction {
  @view seller: Address
  @view endsAt: u64
  @view highestBidder: Address
  @view highestBid: U256
  @view ended: bool
  /** Wei of bids that were outbid, until they are fetched. */
  @view refundOf: Mapping<Address, U256>

  constructor(seconds: u32) {
    this.seller = msg.sender
    this.endsAt = block.timestamp + <u64>seconds
  }

  @payable bid(): void {
    if (block.timestamp >= this.endsAt) throw new AuctionOver(this.endsAt)
    const highest = this.highestBid
    if (msg.value <= highest) throw new BidTooLow(msg.value, highest)
    const outbid = this.highestBidder
    if (!outbid.isZero) this.refundOf[outbid] += highest
    this.highestBidder = msg.sender
    this.highestBid = msg.value
    emit(new Bid(msg.sender, msg.value))
  }

  @external withdraw(): U256 {
    const amount = this.refundOf[msg.sender]
    if (amount.isZero) throw new NothingToWithdraw(msg.sender)
    // Before the money moves: a receiver that calls again finds nothing.
    this.refundOf[msg.sender] = U256.ZERO
    sendValue(msg.sender, amount)
    return amount
  }

  /** Anybody may end it once its time is up. */
  @external end(): void {
    if (block.timestamp < this.endsAt) throw new AuctionRunning(this.endsAt)
    if (this.ended) throw new AlreadyEnded()
    this.ended = true
    const amount = this.highestBid
    emit(new Ended(this.highestBidder, amount))
    if (!amount.isZero) sendValue(this.seller, amount)
  }
}
