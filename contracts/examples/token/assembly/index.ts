/** An ERC-20 token (EIP-20) with the errors of ERC-6093; its owner may mint, every holder may burn. */

import { Address, emit, Indexed, Mapping, msg, U256 } from '@touchstone/contracts/as'

@event
class Transfer {
  constructor(public from: Indexed<Address>, public to: Indexed<Address>, public value: U256) {}
}
@event
class Approval {
  constructor(public owner: Indexed<Address>, public spender: Indexed<Address>, public value: U256) {}
}
@event
class OwnershipTransferred {
  constructor(public previousOwner: Indexed<Address>, public newOwner: Indexed<Address>) {}
}

@error
class ERC20InsufficientBalance {
  constructor(public sender: Address, public balance: U256, public needed: U256) {}
}
@error
class ERC20InsufficientAllowance {
  constructor(public spender: Address, public allowance: U256, public needed: U256) {}
}
@error
class ERC20InvalidReceiver {
  constructor(public receiver: Address) {}
}
@error
class ERC20InvalidSpender {
  constructor(public spender: Address) {}
}
@error
class OwnableUnauthorizedAccount {
  constructor(public account: Address) {}
}

@contract
export class Token {
  @view name: string
  @view symbol: string
  @view totalSupply: U256
  @view balanceOf: Mapping<Address, U256>
  @view allowance: Mapping<Address, Mapping<Address, U256>>
  @view owner: Address

  constructor(name: string, symbol: string, initialSupply: U256) {
    this.name = name
    this.symbol = symbol
    this.owner = msg.sender
    emit(new OwnershipTransferred(Address.zero, msg.sender))
    this.issue(msg.sender, initialSupply)
  }

  @pure decimals(): u8 {
    return 18
  }

  @external transfer(to: Address, value: U256): bool {
    this.move(msg.sender, to, value)
    return true
  }

  @external approve(spender: Address, value: U256): bool {
    if (spender.isZero) throw new ERC20InvalidSpender(spender)
    this.allowance[msg.sender][spender] = value
    emit(new Approval(msg.sender, spender, value))
    return true
  }

  @external transferFrom(from: Address, to: Address, value: U256): bool {
    const allowances = this.allowance[from]
    const allowed = allowances[msg.sender]
    // As is usual, the largest allowance is for ever.
    if (allowed != U256.MAX) {
      if (allowed < value) throw new ERC20InsufficientAllowance(msg.sender, allowed, value)
      allowances[msg.sender] = allowed - value
    }
    this.move(from, to, value)
    return true
  }

  @external mint(to: Address, value: U256): void {
    if (msg.sender != this.owner) throw new OwnableUnauthorizedAccount(msg.sender)
    this.issue(to, value)
  }

  @external burn(value: U256): void {
    this.debit(msg.sender, value)
    // Cannot underflow: nobody holds more than there is.
    this.totalSupply -= value
    emit(new Transfer(msg.sender, Address.zero, value))
  }

  private issue(to: Address, value: U256): void {
    if (to.isZero) throw new ERC20InvalidReceiver(to)
    // Reverts when the supply would pass 2^256 - 1, so that no balance can.
    this.totalSupply += value
    this.balanceOf[to] += value
    emit(new Transfer(Address.zero, to, value))
  }

  private move(from: Address, to: Address, value: U256): void {
    if (to.isZero) throw new ERC20InvalidReceiver(to)
    this.debit(from, value)
    this.balanceOf[to] += value
    emit(new Transfer(from, to, value))
  }

  private debit(from: Address, value: U256): void {
    const balance = this.balanceOf[from]
    if (balance < value) throw new ERC20InsufficientBalance(from, balance, value)
    this.balanceOf[from] = balance - value
  }
}
