/** Tokens that are one of a kind (ERC-721 with its metadata, errors of ERC-6093), to inherit from. */

import { Address, Bytes, Bytes4, contractAt, emit, Indexed, Mapping, msg, U256, u256 } from '@touchstone/contracts/as'

@event
class Transfer {
  constructor(public from: Indexed<Address>, public to: Indexed<Address>, public tokenId: Indexed<U256>) {}
}
@event
class Approval {
  constructor(public owner: Indexed<Address>, public approved: Indexed<Address>, public tokenId: Indexed<U256>) {}
}
@event
class ApprovalForAll {
  constructor(public owner: Indexed<Address>, public operator: Indexed<Address>, public approved: bool) {}
}

@error
class ERC721NonexistentToken {
  constructor(public tokenId: U256) {}
}
@error
class ERC721IncorrectOwner {
  constructor(public sender: Address, public tokenId: U256, public owner: Address) {}
}
@error
class ERC721InvalidSender {
  constructor(public sender: Address) {}
}
@error
class ERC721InvalidReceiver {
  constructor(public receiver: Address) {}
}
@error
class ERC721InvalidApprover {
  constructor(public approver: Address) {}
}
@error
class ERC721InvalidOperator {
  constructor(public operator: Address) {}
}
@error
class ERC721InvalidOwner {
  constructor(public owner: Address) {}
}
@error
class ERC721InsufficientApproval {
  constructor(public operator: Address, public tokenId: U256) {}
}

/** A contract that is sent a token says with the function's own selector that it takes it. */
@contractInterface
abstract class ERC721Receiver {
  abstract onERC721Received(operator: Address, from: Address, tokenId: U256, data: Bytes): Bytes4
}

@contract
export abstract class ERC721 {
  @view name: string
  @view symbol: string
  @view isApprovedForAll: Mapping<Address, Mapping<Address, bool>>
  owners: Mapping<U256, Address>
  balances: Mapping<Address, U256>
  approvals: Mapping<U256, Address>

  constructor(name: string, symbol: string) {
    this.name = name
    this.symbol = symbol
  }

  /** ERC-165: itself, ERC-721 and its metadata. */
  @pure supportsInterface(interfaceId: Bytes4): bool {
    return (
      interfaceId == Bytes4.parse('0x01ffc9a7') ||
      interfaceId == Bytes4.parse('0x80ac58cd') ||
      interfaceId == Bytes4.parse('0x5b5e139f')
    )
  }

  @view balanceOf(owner: Address): U256 {
    if (owner.isZero) throw new ERC721InvalidOwner(owner)
    return this.balances[owner]
  }

  @view ownerOf(tokenId: U256): Address {
    const owner = this.owners[tokenId]
    if (owner.isZero) throw new ERC721NonexistentToken(tokenId)
    return owner
  }

  /** Nothing, unless it is overridden. */
  @view tokenURI(tokenId: U256): string {
    this.ownerOf(tokenId)
    return ''
  }

  @view getApproved(tokenId: U256): Address {
    this.ownerOf(tokenId)
    return this.approvals[tokenId]
  }

  @external approve(to: Address, tokenId: U256): void {
    const owner = this.ownerOf(tokenId)
    if (msg.sender != owner && !this.isApprovedForAll[owner][msg.sender]) throw new ERC721InvalidApprover(msg.sender)
    this.approvals[tokenId] = to
    emit(new Approval(owner, to, tokenId))
  }

  @external setApprovalForAll(operator: Address, approved: bool): void {
    if (operator.isZero) throw new ERC721InvalidOperator(operator)
    this.isApprovedForAll[msg.sender][operator] = approved
    emit(new ApprovalForAll(msg.sender, operator, approved))
  }

  @external transferFrom(from: Address, to: Address, tokenId: U256): void {
    if (to.isZero) throw new ERC721InvalidReceiver(to)
    const owner = this._update(to, tokenId, msg.sender)
    if (owner != from) throw new ERC721IncorrectOwner(from, tokenId, owner)
  }

  /** The same without data: two functions of one name, as the standard has them. */
  @external @named('safeTransferFrom') safeTransferFromWithoutData(from: Address, to: Address, tokenId: U256): void {
    this.safeTransferFrom(from, to, tokenId, Bytes.empty)
  }

  /** `data` may be empty; the receiver, if it is a contract, is asked. */
  @external safeTransferFrom(from: Address, to: Address, tokenId: U256, data: Bytes): void {
    this.transferFrom(from, to, tokenId)
    this._askReceiver(from, to, tokenId, data)
  }

  protected _mint(to: Address, tokenId: U256): void {
    if (to.isZero) throw new ERC721InvalidReceiver(to)
    const previous = this._update(to, tokenId, Address.zero)
    if (!previous.isZero) throw new ERC721InvalidSender(Address.zero)
  }

  /** Makes a token, and asks its receiver, if it is a contract. */
  protected _safeMint(to: Address, tokenId: U256, data: Bytes): void {
    this._mint(to, tokenId)
    this._askReceiver(Address.zero, to, tokenId, data)
  }

  protected _burn(tokenId: U256): void {
    const previous = this._update(Address.zero, tokenId, Address.zero)
    if (previous.isZero) throw new ERC721NonexistentToken(tokenId)
  }

  /**
   * Every change of owners: override it for rules of your own. `mover`, unless zero, has to be allowed to move the token.
   * @returns the owner before
   */
  protected _update(to: Address, tokenId: U256, mover: Address): Address {
    const from = this.owners[tokenId]
    if (!mover.isZero) {
      if (from.isZero) throw new ERC721NonexistentToken(tokenId)
      const mayMove = mover == from || this.approvals[tokenId] == mover || this.isApprovedForAll[from][mover]
      if (!mayMove) throw new ERC721InsufficientApproval(mover, tokenId)
    }
    if (!from.isZero) {
      this.approvals[tokenId] = Address.zero
      this.balances[from] -= u256(1)
    }
    if (!to.isZero) this.balances[to] += u256(1)
    this.owners[tokenId] = to
    emit(new Transfer(from, to, tokenId))
    return from
  }

  private _askReceiver(from: Address, to: Address, tokenId: U256, data: Bytes): void {
    if (to.codeSize == 0) return
    const answer = contractAt<ERC721Receiver>(to).onERC721Received(msg.sender, from, tokenId, data)
    if (answer != Bytes4.parse('0x150b7a02')) throw new ERC721InvalidReceiver(to)
  }
}
