/** Where and for whom the contract runs: msg, tx, block and self, named as in Solidity. */

import { Address } from './address'
import {
  block_basefee,
  block_coinbase,
  block_gas_limit,
  block_number,
  block_timestamp,
  chainid,
  contract_address,
  evm_gas_left,
  msg_sender,
  msg_value,
  tx_gas_price,
  tx_origin,
} from './hostio'
import { U256 } from './math/u256'
import { copyWord, newWord } from './words'

/** The call being served. */
export abstract class msg {
  /** The caller: an account, or the contract that called this one. */
  static get sender(): Address {
    // Asked once: it is the same for the whole call, and the chain's answer costs as much as 200 additions.
    const kept = memory.data(24, 8)
    if (!load<u8>(kept, 20)) {
      msg_sender(kept)
      store<u8>(kept, 1, 20)
    }
    return changetype<Address>(kept)
  }

  /** Wei sent along. */
  static get value(): U256 {
    const kept = memory.data(40, 8)
    if (!load<u8>(kept, 32)) {
      const word = newWord()
      msg_value(word)
      copyWord(kept, changetype<usize>(U256.load(word)))
      store<u8>(kept, 1, 32)
    }
    return changetype<U256>(kept)
  }
}

/** The transaction the call is part of. */
export abstract class tx {
  /** The account that signed the transaction. Never decide by it who may do something: contracts in between act for it. */
  static get origin(): Address {
    const address = Address.zero
    tx_origin(changetype<usize>(address))
    return address
  }

  /** Wei paid per gas. */
  static get gasPrice(): U256 {
    const word = newWord()
    tx_gas_price(word)
    return U256.load(word)
  }
}

/** The block the transaction is in. */
export abstract class block {
  /** Height of the block. */
  static get number(): u64 {
    return block_number()
  }

  /** Seconds since 1970. */
  static get timestamp(): u64 {
    return block_timestamp()
  }

  /** EIP-155's number of the chain: 31337 on a devnet. */
  static get chainId(): u64 {
    return chainid()
  }

  /** Gas that the transactions of the block may use together. */
  static get gasLimit(): u64 {
    return block_gas_limit()
  }

  /** Wei per gas that is burnt. */
  static get baseFee(): U256 {
    const word = newWord()
    block_basefee(word)
    return U256.load(word)
  }

  /** The account that receives the priority fee: the proposer's. */
  static get coinbase(): Address {
    const address = Address.zero
    block_coinbase(changetype<usize>(address))
    return address
  }
}

/** The contract itself. */
export abstract class self {
  /** The address of this contract; behind a proxy, the proxy's. */
  static get address(): Address {
    const address = Address.zero
    contract_address(changetype<usize>(address))
    return address
  }

  /** Wei the contract holds. */
  static get balance(): U256 {
    return self.address.balance
  }

  /** Gas left in this frame. */
  static get gasLeft(): u64 {
    return evm_gas_left()
  }
}
