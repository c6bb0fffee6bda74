/**
 * Puts the faster crypto into the slots, on every thread of a node process: Node's OpenSSL and libsecp256k1, native where
 * there is a file for this machine and WebAssembly elsewhere. Their answers are noble's (tested against each other and
 * the vectors).
 */
import { openNativeProvider } from '../crypto/nativeProvider.ts'
import { nodeProvider } from '../crypto/nodeProvider.ts'
import { type CryptoProvider, setCryptoProvider } from '../crypto/provider.ts'

export async function installCrypto(): Promise<void> {
  const native = openNativeProvider()
  setCryptoProvider({ ...nodeProvider, ...(native.recoverPublicKey === undefined ? await wasm() : native) })
}

/** Loaded where it is needed: the module is a quarter of a megabyte of text. */
async function wasm(): Promise<Partial<CryptoProvider>> {
  const { openWasmProvider } = await import('../crypto/wasmProvider.ts')
  return openWasmProvider()
}
