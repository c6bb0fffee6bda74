/**
 * Puts the faster crypto into the slots, on every thread of a node process: Node's OpenSSL and libsecp256k1, native where
 * there is a file for this machine and WebAssembly elsewhere. Their answers are noble's (tested against each other and
 * the vectors).
 */
import { openNativeProvider } from '../crypto/nativeProvider.ts'
import { nodeProvider } from '../crypto/nodeProvider.ts'
import { setCryptoProvider } from '../crypto/provider.ts'
import { openWasmProvider } from '../crypto/wasmProvider.ts'

export async function installCrypto(): Promise<void> {
  const native = openNativeProvider()
  const recovery = native.recoverPublicKey === undefined ? await openWasmProvider() : native
  setCryptoProvider({ ...nodeProvider, ...recovery })
}
