/** Messages that people sign (EIP-191): `personal_sign` and `eth_sign`. */
import { concatBytes } from '../../codec/bytes.ts'
import { keccak256 } from '../../crypto/keccak.ts'

/** The hash that a signer signs for a message to a person: EIP-191, version 0x45. No transaction hashes to it. */
export function personalMessageHash(message: Uint8Array): Uint8Array {
  return keccak256(concatBytes(utf8(`\x19Ethereum Signed Message:\n${message.length}`), message))
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
