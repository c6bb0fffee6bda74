import { ripemd160 as nobleRipemd160 } from '@noble/hashes/legacy.js'

/** RIPEMD-160 (ISO/IEC 10118-3). 20 bytes. */
export function ripemd160(data: Uint8Array): Uint8Array {
  return nobleRipemd160(data)
}
