/**
 * Puts the faster crypto into the slots, on every thread of a node process: Node's OpenSSL and a WebAssembly
 * libsecp256k1. Their answers are noble's (tested against each other and the vectors).
 */
import { nodeProvider } from '../crypto/nodeProvider.ts'
import { setCryptoProvider } from '../crypto/provider.ts'
import { openWasmProvider } from '../crypto/wasmProvider.ts'

export async function installCrypto(): Promise<void> {
  setCryptoProvider({ ...nodeProvider, ...(await openWasmProvider()) })
}
