/**
 * Recovery on secp256k1 by Bitcoin Core's libsecp256k1 compiled to WebAssembly (libauth): some ten times as fast as
 * noble's, with the same answers. Runs wherever WebAssembly does, browsers and workers too; holds one small instance.
 * On a big-endian machine it gives nothing, and noble stays: the library lays wider integers over its memory.
 * Signing stays noble's: for a hash above the group's order libsecp256k1 derives another nonce than RFC 6979 says.
 */
import { instantiateSecp256k1 } from '@bitauth/libauth/build/lib/crypto/secp256k1.js'
import type { CryptoProvider } from './provider.ts'

/** Resolves when the library's module is compiled, some 20 ms after. */
export async function openWasmProvider(
  littleEndian: boolean = isLittleEndian(),
): Promise<Partial<Pick<CryptoProvider, 'recoverPublicKey'>>> {
  if (!littleEndian) return {}
  const library = await instantiateSecp256k1()
  return {
    recoverPublicKey(hash, signature, yParity) {
      const key = library.recoverPublicKeyUncompressed(signature, yParity, hash)
      // A text says why there is no key.
      return typeof key === 'string' ? null : key.slice(1)
    },
  }
}

/** Whether this machine puts the lowest byte first. */
function isLittleEndian(): boolean {
  return new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
}
