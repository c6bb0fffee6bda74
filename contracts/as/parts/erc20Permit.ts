/** A token whose holders allow spending by a signature (ERC-2612), which anybody may bring. */

import {
  Address,
  block,
  Bytes32,
  domainSeparator,
  Mapping,
  tryRecover,
  typedDataHash,
  U256,
  u256,
} from '@touchstone/contracts/as'
import { ERC20 } from './erc20'

/** What a holder signs: the name and the members are the standard's. */
@struct
class Permit {
  constructor(
    public owner: Address,
    public spender: Address,
    public value: U256,
    public nonce: U256,
    public deadline: U256,
  ) {}
}

@error
class ERC2612ExpiredSignature {
  constructor(public deadline: U256) {}
}
@error
class ERC2612InvalidSigner {
  constructor(public signer: Address, public owner: Address) {}
}

@contract
export abstract class ERC20Permit extends ERC20 {
  @view nonces: Mapping<Address, U256>

  constructor(name: string, symbol: string) {
    super(name, symbol)
  }

  /** The domain's name is the token's, its version 1. */
  @view DOMAIN_SEPARATOR(): Bytes32 {
    return domainSeparator(this.name, '1')
  }

  @external permit(
    owner: Address,
    spender: Address,
    value: U256,
    deadline: U256,
    v: u8,
    r: Bytes32,
    s: Bytes32,
  ): void {
    if (u256(block.timestamp) > deadline) throw new ERC2612ExpiredSignature(deadline)
    const nonce = this.nonces[owner]
    this.nonces[owner] = nonce + u256(1)
    const hash = typedDataHash(new Permit(owner, spender, value, nonce, deadline), this.DOMAIN_SEPARATOR())
    const signer = tryRecover(hash, v, r, s)
    if (signer.isZero || signer != owner) throw new ERC2612InvalidSigner(signer, owner)
    this._approve(owner, spender, value)
  }
}
