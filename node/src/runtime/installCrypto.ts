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
import { type Hash, wasmKeccak } from '../crypto/wasmKeccak.ts'
import { unpackDictionaryByZlib } from './zlibDictionary.ts'

export async function installCrypto(): Promise<void> {
  const native = openNativeProvider()
  provideDictionary(unpackDictionaryByZlib)
  const other = nodeProvider.keccak256 ?? nobleProvider.keccak256
  const keccak256 = wasmKeccak({ other, load: keccakOfLibrary })
  setCryptoProvider({ ...nodeProvider, keccak256, ...(native.recoverPublicKey === undefined ? await wasm() : native) })
}

/**
 * Null where it cannot be loaded: this host has no WebAssembly (V8 with `--jitless`) or no memory for the module, or the
 * files of the package were removed. What is there without it gives the same hashes.
 */
async function keccakOfLibrary(): Promise<Hash | null> {
  try {
    const { loadKeccak } = await import('../crypto/keccakLibrary.ts')
    return await loadKeccak()
  } catch {
    return null
  }
}

/** Loaded where it is needed: the module is a quarter of a megabyte of text. */
async function wasm(): Promise<Partial<CryptoProvider>> {
  const { openWasmProvider } = await import('../crypto/wasmProvider.ts')
  return openWasmProvider()
}
