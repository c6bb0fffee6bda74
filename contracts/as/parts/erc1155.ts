/** Many kinds of tokens in one contract (ERC-1155, errors of ERC-6093), to inherit from. */

import { Address, Bytes, Bytes4, contractAt, emit, Indexed, Mapping, msg, U256, u256 } from '@touchstone/contracts/as'

@event
class TransferSingle {
  constructor(
    public operator: Indexed<Address>,
    public from: Indexed<Address>,
    public to: Indexed<Address>,
    public id: U256,
    public value: U256,
  ) {}
}
@event
class TransferBatch {
  constructor(
    public operator: Indexed<Address>,
    public from: Indexed<Address>,
    public to: Indexed<Address>,
    public ids: U256[],
    public values: U256[],
  ) {}
}
@event
class ApprovalForAll {
  constructor(public account: Indexed<Address>, public operator: Indexed<Address>, public approved: bool) {}
}
@event
class URI {
  constructor(public value: string, public id: Indexed<U256>) {}
}

@error
class ERC1155InsufficientBalance {
  constructor(public sender: Address, public balance: U256, public needed: U256, public tokenId: U256) {}
}
@error
class ERC1155InvalidSender {
  constructor(public sender: Address) {}
}
@error
class ERC1155InvalidReceiver {
  constructor(public receiver: Address) {}
}
@error
class ERC1155MissingApprovalForAll {
  constructor(public operator: Address, public owner: Address) {}
}
@error
class ERC1155InvalidOperator {
  constructor(public operator: Address) {}
}
@error
class ERC1155InvalidArrayLength {
  constructor(public idsLength: U256, public valuesLength: U256) {}
}

/** A contract that is sent tokens says with the function's own selector that it takes them. */
@contractInterface
abstract class ERC1155Receiver {
  abstract onERC1155Received(operator: Address, from: Address, id: U256, value: U256, data: Bytes): Bytes4
  abstract onERC1155BatchReceived(operator: Address, from: Address, ids: U256[], values: U256[], data: Bytes): Bytes4
}

@contract
export abstract class ERC1155 {
  @view isApprovedForAll: Mapping<Address, Mapping<Address, bool>>
  balances: Mapping<U256, Mapping<Address, U256>>
  baseURI: string

  /** Clients put the id, in hex, in the place of {id} in the text. */
  constructor(uri: string) {
    this.baseURI = uri
  }

  /** ERC-165: itself, ERC-1155 and its metadata. */
  @pure supportsInterface(interfaceId: Bytes4): bool {
    return (
      interfaceId == Bytes4.parse('0x01ffc9a7') ||
      interfaceId == Bytes4.parse('0xd9b67a26') ||
      interfaceId == Bytes4.parse('0x0e89341c')
    )
  }

  @view uri(id: U256): string {
    return this.baseURI
  }

  @view balanceOf(account: Address, id: U256): U256 {
    return this.balances[id][account]
  }

  @view balanceOfBatch(accounts: Address[], ids: U256[]): U256[] {
    this._sameLength(ids.length, accounts.length)
    const found: U256[] = []
    for (let i = 0; i < ids.length; i++) found.push(this.balances[ids[i]][accounts[i]])
    return found
  }

  @external setApprovalForAll(operator: Address, approved: bool): void {
    if (operator.isZero) throw new ERC1155InvalidOperator(operator)
    this.isApprovedForAll[msg.sender][operator] = approved
    emit(new ApprovalForAll(msg.sender, operator, approved))
  }

  /** The receiver, if it is a contract, is asked. */
  @external safeTransferFrom(from: Address, to: Address, id: U256, value: U256, data: Bytes): void {
    this._onlyHolder(from)
    if (to.isZero) throw new ERC1155InvalidReceiver(to)
    if (from.isZero) throw new ERC1155InvalidSender(from)
    this._move(from, to, id, value)
    emit(new TransferSingle(msg.sender, from, to, id, value))
    this._askReceiver(from, to, id, value, data)
  }

  @external safeBatchTransferFrom(from: Address, to: Address, ids: U256[], values: U256[], data: Bytes): void {
    this._onlyHolder(from)
    if (to.isZero) throw new ERC1155InvalidReceiver(to)
    if (from.isZero) throw new ERC1155InvalidSender(from)
    this._sameLength(ids.length, values.length)
    for (let i = 0; i < ids.length; i++) this._move(from, to, ids[i], values[i])
    emit(new TransferBatch(msg.sender, from, to, ids, values))
    if (to.codeSize == 0) return
    const answer = contractAt<ERC1155Receiver>(to).onERC1155BatchReceived(msg.sender, from, ids, values, data)
    if (answer != Bytes4.parse('0xbc197c81')) throw new ERC1155InvalidReceiver(to)
  }

  protected _mint(to: Address, id: U256, value: U256, data: Bytes): void {
    if (to.isZero) throw new ERC1155InvalidReceiver(to)
    this._move(Address.zero, to, id, value)
    emit(new TransferSingle(msg.sender, Address.zero, to, id, value))
    this._askReceiver(Address.zero, to, id, value, data)
  }

  protected _burn(from: Address, id: U256, value: U256): void {
    if (from.isZero) throw new ERC1155InvalidSender(from)
    this._move(from, Address.zero, id, value)
    emit(new TransferSingle(msg.sender, from, Address.zero, id, value))
  }

  /** Reverts for all callers but the holder and those whom the holder has allowed to act. */
  protected _onlyHolder(from: Address): void {
    if (msg.sender == from || this.isApprovedForAll[from][msg.sender]) return
    throw new ERC1155MissingApprovalForAll(msg.sender, from)
  }

  /** Every change of a balance: override it for rules of your own. The zero address stands for making and burning. */
  protected _move(from: Address, to: Address, id: U256, value: U256): void {
    if (!from.isZero) {
      const balance = this.balances[id][from]
      if (balance < value) throw new ERC1155InsufficientBalance(from, balance, value, id)
      this.balances[id][from] = balance - value
    }
    if (!to.isZero) this.balances[id][to] += value
  }

  private _sameLength(ids: i32, others: i32): void {
    if (ids != others) throw new ERC1155InvalidArrayLength(u256(ids), u256(others))
  }

  private _askReceiver(from: Address, to: Address, id: U256, value: U256, data: Bytes): void {
    if (to.codeSize == 0) return
    const answer = contractAt<ERC1155Receiver>(to).onERC1155Received(msg.sender, from, id, value, data)
    if (answer != Bytes4.parse('0xf23a6e61')) throw new ERC1155InvalidReceiver(to)
  }
}
