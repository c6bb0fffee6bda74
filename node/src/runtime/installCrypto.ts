/**
 * Puts what a node's machine does faster into the slots, on every thread of a node process: Node's OpenSSL and
 * libsecp256k1, native where there is a file for this machine and WebAssembly elsewhere, and Keccak by WebAssembly, whose
 * answers are noble's (tested against each other and the vectors); and zlib for Brotli's dictionary.
 */
import { provideDictionary } from '../codec/brotli/dictionary.ts'
import { openNativeProvider } from '../crypto/nativeProvider.ts'
import { nobleProvider } from '../crypto/nobleProvider.ts'
import { nodeProvider } from '../crypto/nodeProvider.ts'
import { type CryptoProvider, setCryptoProvider } from '../crypto/provider.ts'
import { wasmKeccak } from '../crypto/wasmKeccak.ts'
import { unpackDictionaryByZlib } from './zlibDictionary.ts'

export async function installCrypto(): Promise<void> {
  const native = openNativeProvider()
  provideDictionary(unpackDictionaryByZlib)
  const keccak256 = wasmKeccak(nodeProvider.keccak256 ?? nobleProvider.keccak256)
  setCryptoProvider({ ...nodeProvider, keccak256, ...(native.recoverPublicKey === undefined ? await wasm() : native) })
}

/** Loaded where it is needed: the module is a quarter of a megabyte of text. */
async function wasm(): Promise<Partial<CryptoProvider>> {
  const { openWasmProvider } = await import('../crypto/wasmProvider.ts')
  return openWasmProvider()
}
