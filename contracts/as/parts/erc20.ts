/** A token (EIP-20) with the errors of ERC-6093, to inherit from: who gets tokens is for the contract to say. */

import { Address, emit, Indexed, Mapping, msg, U256 } from '@touchstone/contracts/as'

@event
class Transfer {
  constructor(public from: Indexed<Address>, public to: Indexed<Address>, public value: U256) {}
}
@event
class Approval {
  constructor(public owner: Indexed<Address>, public spender: Indexed<Address>, public value: U256) {}
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
class ERC20InvalidSender {
  constructor(public sender: Address) {}
}
@error
class ERC20InvalidReceiver {
  constructor(public receiver: Address) {}
}
@error
class ERC20InvalidApprover {
  constructor(public approver: Address) {}
}
@error
class ERC20InvalidSpender {
  constructor(public spender: Address) {}
}

@contract
export abstract class ERC20 {
  @view name: string
  @view symbol: string
  @view totalSupply: U256
  @view balanceOf: Mapping<Address, U256>
  @view allowance: Mapping<Address, Mapping<Address, U256>>

  constructor(name: string, symbol: string) {
    this.name = name
    this.symbol = symbol
  }

  @pure decimals(): u8 {
    return 18
  }

  @external transfer(to: Address, value: U256): bool {
    this._transfer(msg.sender, to, value)
    return true
  }

  @external approve(spender: Address, value: U256): bool {
    this._approve(msg.sender, spender, value)
    return true
  }

  @external transferFrom(from: Address, to: Address, value: U256): bool {
    this._spendAllowance(from, msg.sender, value)
    this._transfer(from, to, value)
    return true
  }

  protected _transfer(from: Address, to: Address, value: U256): void {
    if (from.isZero) throw new ERC20InvalidSender(from)
    if (to.isZero) throw new ERC20InvalidReceiver(to)
    this._update(from, to, value)
  }

  protected _mint(to: Address, value: U256): void {
    if (to.isZero) throw new ERC20InvalidReceiver(to)
    this._update(Address.zero, to, value)
  }

  protected _burn(from: Address, value: U256): void {
    if (from.isZero) throw new ERC20InvalidSender(from)
    this._update(from, Address.zero, value)
  }

  /** Every change of balances: override it for rules of your own. The zero address stands for making and burning. */
  protected _update(from: Address, to: Address, value: U256): void {
    if (from.isZero) {
      // Reverts when the supply would pass 2^256 - 1, so that no balance can.
      this.totalSupply += value
    } else {
      const balance = this.balanceOf[from]
      if (balance < value) throw new ERC20InsufficientBalance(from, balance, value)
      this.balanceOf[from] = balance - value
    }
    if (to.isZero) this.totalSupply -= value
    else this.balanceOf[to] += value
    emit(new Transfer(from, to, value))
  }

  protected _approve(owner: Address, spender: Address, value: U256): void {
    if (owner.isZero) throw new ERC20InvalidApprover(owner)
    if (spender.isZero) throw new ERC20InvalidSpender(spender)
    this.allowance[owner][spender] = value
    emit(new Approval(owner, spender, value))
  }

  /** As is usual, the largest allowance is for ever. */
  protected _spendAllowance(owner: Address, spender: Address, value: U256): void {
    const allowances = this.allowance[owner]
    const allowed = allowances[spender]
    if (allowed == U256.MAX) return
    if (allowed < value) throw new ERC20InsufficientAllowance(spender, allowed, value)
    allowances[spender] = allowed - value
  }
}
