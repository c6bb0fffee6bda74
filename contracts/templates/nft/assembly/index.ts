/** A collection of tokens that are one of a kind (ERC-721 with its metadata); the owner of the contract mints. */

import { Address, msg, U256, u256 } from '@touchstone/contracts/as'
import { ERC721 } from '@touchstone/contracts/as/parts/erc721'

@error
class OwnableUnauthorizedAccount {
  constructor(public account: Address) {}
}

@contract
export class Collection extends ERC721 {
  @view owner: Address
  @view totalSupply: U256
  baseURI: string

  constructor(name: string, symbol: string, baseURI: string) {
    super(name, symbol)
    this.baseURI = baseURI
    this.owner = msg.sender
  }

  @view tokenURI(tokenId: U256): string {
    this.ownerOf(tokenId)
    return this.baseURI + tokenId.toString()
  }

  /** The next token, counted from 1. */
  @external mint(to: Address): U256 {
    if (msg.sender != this.owner) throw new OwnableUnauthorizedAccount(msg.sender)
    const tokenId = this.totalSupply + u256(1)
    this.totalSupply = tokenId
    this._mint(to, tokenId)
    return tokenId
  }
}
