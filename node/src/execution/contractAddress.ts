/** Where a created contract lives. */
import { bigintToMinimalBytes, concatBytes } from '../codec/bytes.ts'
import { encodeRlp } from '../codec/rlp.ts'
import { keccak256 } from '../crypto/keccak.ts'

const CREATE2_PREFIX = Uint8Array.of(0xff)

/** CREATE and creation transactions: the last 20 bytes of keccak256(rlp([creator, nonce])). */
export function createAddress(creator: Uint8Array, nonce: bigint): Uint8Array {
  return keccak256(encodeRlp([creator, bigintToMinimalBytes(nonce)])).slice(12)
}

/** EIP-1014: the last 20 bytes of keccak256(ff || creator || salt || keccak256(initCode)). `salt` is 32 bytes. */
export function create2Address(creator: Uint8Array, salt: Uint8Array, initCode: Uint8Array): Uint8Array {
  return keccak256(concatBytes(CREATE2_PREFIX, creator, salt, keccak256(initCode))).slice(12)
}
