/** A contract with nothing in it but who made it. */

import { Address, msg } from '@touchstone/contracts/as'

@contract
export class Empty {
  @view owner: Address

  constructor() {
    this.owner = msg.sender
  }
}
