/** A counter with a bound: storage, a view, an event and an error. */

import { Address, emit, Indexed, Mapping, msg, U256, u256 } from '@touchstone/contracts/as'

@event
class Counted {
  constructor(public by: Indexed<Address>, public total: U256) {}
}

@error
class TooMuch {
  constructor(public wanted: U256, public allowed: U256) {}
}

@contract
export class Counter {
  /** A field is storage; `@view` gives it a getter. */
  @view total: U256
  @view countOf: Mapping<Address, U256>
  limit: U256 = u256(100)

  constructor(start: U256) {
    this.total = start
  }

  @external add(n: U256): U256 {
    if (n > this.limit) throw new TooMuch(n, this.limit)
    // Overflow reverts, as in Solidity.
    this.total += n
    this.countOf[msg.sender] += n
    emit(new Counted(msg.sender, this.total))
    return this.total
  }
}
