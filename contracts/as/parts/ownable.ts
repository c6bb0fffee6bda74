/** A contract with one owner, who may give it away. */

import { Address, emit, Indexed, msg } from '@touchstone/contracts/as'

@event
class OwnershipTransferred {
  constructor(public previousOwner: Indexed<Address>, public newOwner: Indexed<Address>) {}
}

@error
class OwnableUnauthorizedAccount {
  constructor(public account: Address) {}
}
@error
class OwnableInvalidOwner {
  constructor(public owner: Address) {}
}

@contract
export abstract class Ownable {
  @view owner: Address

  constructor(initialOwner: Address) {
    if (initialOwner.isZero) throw new OwnableInvalidOwner(initialOwner)
    this._transferOwnership(initialOwner)
  }

  @external transferOwnership(newOwner: Address): void {
    this.onlyOwner()
    if (newOwner.isZero) throw new OwnableInvalidOwner(newOwner)
    this._transferOwnership(newOwner)
  }

  /** Nobody owns the contract from then on. */
  @external renounceOwnership(): void {
    this.onlyOwner()
    this._transferOwnership(Address.zero)
  }

  /** Reverts for all callers but the owner. */
  protected onlyOwner(): void {
    if (msg.sender != this.owner) throw new OwnableUnauthorizedAccount(msg.sender)
  }

  protected _transferOwnership(newOwner: Address): void {
    const previous = this.owner
    this.owner = newOwner
    emit(new OwnershipTransferred(previous, newOwner))
  }
}
