/** The signer of a hash: ecrecover, the precompile at address 1, with what a contract has to look at besides. */

import { Address } from './address'
import { Bytes } from './bytes'
import { Bytes32 } from './bytes32'
import { staticCall } from './call'
import { U256, u256OfLimbs } from './math/u256'
import { revert } from './revert'
import { copyWord, storeWord64 } from './words'

/** The account that signed a hash; reverts when nobody did. `signature` is what wallets give: 65 bytes, r, s and v. */
export function recover(hash: Bytes32, signature: Bytes): Address {
  if (signature.length != 65) revert('a signature has 65 bytes')
  const r = Bytes32.at(signature.start)
  const s = Bytes32.at(signature.start + 32)
  const signer = tryRecover(hash, load<u8>(signature.start, 64), r, s)
  if (signer.isZero) revert('invalid signature')
  return signer
}

/**
 * The account that signed a hash; the zero address when nobody did, which the caller has to look for. Of the two values of
 * `s` that are good for one message the higher is refused (EIP-2): a signature is then one text and no other.
 */
export function tryRecover(hash: Bytes32, v: u8, r: Bytes32, s: Bytes32): Address {
  if (v != 27 && v != 28) return Address.zero
  if (U256.fromBytes32(s) > halfOrder()) return Address.zero
  const input = new Bytes(128)
  copyWord(input.start, changetype<usize>(hash))
  storeWord64(input.start + 32, v)
  copyWord(input.start + 64, changetype<usize>(r))
  copyWord(input.start + 96, changetype<usize>(s))
  const precompile = Address.zero
  store<u8>(changetype<usize>(precompile), 1, 19)
  const result = staticCall(precompile, input)
  // It answers with nothing where it finds no signer.
  if (!result.success || result.data.length != 32) return Address.zero
  return Address.at(result.data.start + 12)
}

/** Half of the order of secp256k1's group, rounded down. */
function halfOrder(): U256 {
  return u256OfLimbs(0xdfe92f46681b20a0, 0x5d576e7357a4501d, 0xffffffffffffffff, 0x7fffffffffffffff)
}
